"""Defines `likeness voices` and `likeness engines`, which list what the gateway offers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption
from services.cli.commands.table import show

VOICE_COLUMNS = ("id", "name", "language", "gender", "accent", "style", "engine")
ENGINE_COLUMNS = ["service", "engine", "version", "device", "languages", "workers", "running"]


def voices(
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
    """List the voices that a script can be spoken with."""
    if preview is not None:
        from services.cli.destination import write_file

        sentence = call_gateway(url, api_key, data, lambda client: client.voice_preview(preview))
        file = Path(f"{preview.replace(':', '-').replace('/', '-')}.mp3")
        write_file(file, sentence)
        print(file)
        return
    found = call_gateway(url, api_key, data, lambda client: client.voices(language))
    rows = [[*(voice[name] or "" for name in VOICE_COLUMNS)] for voice in found]
    show(found, [*VOICE_COLUMNS], rows, as_json)


def engines(
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the engines and their live workers."""
    found = call_gateway(url, api_key, data, lambda client: client.engines())
    show(found, ENGINE_COLUMNS, [engine_row(engine) for engine in found], as_json)


def engine_row(engine: dict[str, Any]) -> list[str]:
    workers = engine["workers"]
    return [
        engine["service"],
        engine["name"],
        engine["version"],
        engine["device_class"],
        str(len(engine["languages"]) or ""),
        str(len(workers)),
        str(sum(worker["running"] for worker in workers)),
    ]
