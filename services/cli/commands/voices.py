"""Defines `likeness voices`, which lists, clones and deletes voices."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.commands.each import delete_each
from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import (
    ApiKeyOption,
    DataOption,
    JsonOption,
    UrlOption,
    refuse_options_before_subcommand,
)
from services.cli.commands.table import show

if TYPE_CHECKING:
    pass

COLUMNS = ("id", "name", "language", "gender", "accent", "style", "engine")
voices = typer.Typer(name="voices", no_args_is_help=False)


@voices.callback(invoke_without_command=True)
def list_voices(
    context: typer.Context,
    language: Annotated[
        str | None, typer.Option(help="Only those of this language, such as en or pt-BR.")
    ] = None,
    preview: Annotated[
        str | None, typer.Option(metavar="VOICE", help="Write a sentence in this voice to VOICE.mp3.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the voices that a script can be spoken with, cloned ones first."""
    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    if preview is not None:
        from services.cli.destination import write_file

        sentence = call_gateway(url, api_key, data, lambda client: client.voice_preview(preview))
        file = Path(f"{preview.replace(':', '-').replace('/', '-')}.mp3")
        write_file(file, sentence)
        return print(file)
    found = call_gateway(url, api_key, data, lambda client: client.voices(language))
    rows = [[*(voice[name] or "" for name in COLUMNS)] for voice in found]
    return show(found, [*COLUMNS], rows, as_json)


@voices.command("create")
def create_voice(
    recordings: Annotated[
        list[Path], typer.Argument(metavar="RECORDING", help="Of one person, ten seconds or more in all.")
    ],
    name: Annotated[str | None, typer.Option(help="By default the first file's name.")] = None,
    consent: Annotated[
        str | None, typer.Option(help="Who has agreed to this voice, and when: the server asks for it.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Of the person, such as en-GB.")] = None,
    description: Annotated[str | None, typer.Option(help="Shown with the voice.")] = None,
    engine: Annotated[str | None, typer.Option(help="A TTS engine that clones.")] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Make a voice of recordings, which takes about a minute, and print its id. Ctrl-C cancels it."""
    from services.cli.progress import human_progress, warnings_in
    from services.cli.voices import create_voice as create

    given = {"consent": consent, "language": language, "description": description, "model": engine}
    request = {"name": name or recordings[0].stem, **{key: value for key, value in given.items() if value}}
    with human_progress() as progress:
        voice = call_gateway(url, api_key, data, lambda client: create(client, request, recordings, progress))
    for warning in warnings_in(voice):
        print(warning, file=sys.stderr)
    if as_json:
        print(json.dumps(voice, indent=2))
        return
    print(likeness_of(voice), file=sys.stderr)
    print(voice["id"])


@voices.command("delete")
def delete_voice(
    identifiers: Annotated[list[str], typer.Argument(metavar="ID", help="Of cloned voices.")],
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Delete cloned voices. Their recordings stay, and so do finished videos."""
    from services.cli.voices import delete_voice as delete

    delete_each(url, api_key, data, identifiers, delete)


def likeness_of(voice: dict[str, Any]) -> str:
    """Returns how like the recordings the voice is, and how well it is understood."""
    similarity, heard = voice["similarity"], voice["intelligibility"]
    understood = "" if heard is None else f", {heard:.0%} of its words are understood"
    return f"{voice['name']}: similarity {similarity:g}{understood}"
