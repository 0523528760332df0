"""Defines `likeness lexicon`, which lists, stores and removes pronunciations."""

from typing import Annotated

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
from services.cli.render_request import given

lexicon = typer.Typer(name="lexicon", no_args_is_help=False)
COLUMNS = ["word", "ipa", "respelling"]


@lexicon.callback(invoke_without_command=True)
def list_words(
    context: typer.Context,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the words of this workspace, and how they are said."""
    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    found = call_gateway(url, api_key, data, lambda client: client.lexicon())
    return show(found, COLUMNS, [[word[column] or "" for column in COLUMNS] for word in found], as_json)


@lexicon.command("add")
def add_word(
    word: Annotated[
        str, typer.Argument(metavar="WORD", help="Or a few that stand together. Case does not count.")
    ],
    ipa: Annotated[str | None, typer.Option(help="Its phonemes, such as dʒɪf.")] = None,
    respelling: Annotated[
        str | None, typer.Option(help="What is read in its place, such as see quill.")
    ] = None,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Say how a word is said, in every script from now on."""
    if (ipa is None) == (respelling is None):
        raise UsageError("How is the word said? Give either --ipa or --respelling.")
    reading = given(ipa=ipa, respelling=respelling)
    stored = call_gateway(url, api_key, data, lambda client: client.add_word(word, reading))
    print(f"{stored['word']}: {stored['ipa'] or stored['respelling']}")


@lexicon.command("remove")
def remove_word(
    word: Annotated[str, typer.Argument(metavar="WORD", help="As it was added; case does not count.")],
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Forget how a word is said."""
    call_gateway(url, api_key, data, lambda client: client.remove_word(word))
