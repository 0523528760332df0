"""Defines `likeness effects`, which lists, stores and removes effects."""

from typing import Annotated, Any

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import (
    ApiKeyOption,
    DataOption,
    JsonOption,
    UrlOption,
    refuse_options_before_subcommand,
)
from services.cli.commands.table import show
from services.cli.errors import UsageError

effects = typer.Typer(name="effects", no_args_is_help=False)


@effects.callback(invoke_without_command=True)
def list_effects(
    context: typer.Context,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the effects that speech can have: presets, and what this workspace has stored."""
    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    found = call_gateway(url, api_key, data, lambda client: client.effects())
    rows = [[effect["name"], effect["kind"], steps_text(effect), effect["description"]] for effect in found]
    return show(found, ["name", "kind", "steps", "description"], rows, as_json)


@effects.command("add")
def add_effect(
    name: Annotated[str, typer.Argument(metavar="NAME", help="In small letters, such as old-radio.")],
    steps: Annotated[
        list[str],
        typer.Argument(metavar="STEP", help="In order: an effect, or a step as pitch:semitones=3 or robot:"),
    ],
    description: Annotated[str, typer.Option(help="What it sounds like.")] = "",
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Keep a chain of effects under a name."""
    body = {"name": name, "description": description, "steps": [step_of(text) for text in steps]}
    stored = call_gateway(url, api_key, data, lambda client: client.add_effect(body))
    print(f"{stored['name']}: {steps_text(stored)}")


@effects.command("remove")
def remove_effect(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a stored chain.")],
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Forget a stored chain. What was asked for with it keeps its sound."""
    call_gateway(url, api_key, data, lambda client: client.remove_effect(name))


def steps_text(effect: dict[str, Any]) -> str:
    """Returns the names of the effect's steps in order."""
    return " → ".join(step["effect"] for step in effect["steps"])


def step_of(text: str) -> str | dict[str, Any]:
    """Parses an effect or a step such as `pitch:semitones=3` into the form of the API.

    Raises UsageError for an amount that is no number.
    """
    effect, colon, rest = text.partition(":")
    if not colon:
        return text
    amounts = [part.partition("=") for part in rest.split(",") if part]
    try:
        return {"effect": effect, "amounts": {name: float(value) for name, _, value in amounts}}
    except ValueError as exc:
        raise UsageError(f"{text!r} is no step such as pitch:semitones=3.") from exc
