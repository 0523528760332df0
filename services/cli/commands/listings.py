"""`likeness voices`, `likeness effects` and `likeness engines`"""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption, data_folder

if TYPE_CHECKING:
    from services.cli.connection import Target

ENGINE_COLUMNS = ["service", "engine", "version", "device", "languages", "workers", "running"]


def voices(
    language: Annotated[
        str | None, typer.Option(help="Only those of this language, such as en or pt-BR.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the voices that a script can be spoken with."""
    from services.cli.connection import Target

    found = asyncio.run(list_voices(Target(url, api_key, data_folder(data)), language))
    rows = [
        [voice["id"], voice["name"], voice["language"], voice["gender"] or "", voice["engine"]]
        for voice in found
    ]
    show(found, ["id", "name", "language", "gender", "engine"], rows, as_json)


def effects(
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the effects that speech can have: presets, and what this workspace has stored."""
    from services.cli.connection import Target

    found = asyncio.run(list_effects(Target(url, api_key, data_folder(data))))
    rows = [[effect["name"], effect["kind"], steps_text(effect), effect["description"]] for effect in found]
    show(found, ["name", "kind", "steps", "description"], rows, as_json)


def steps_text(effect: dict[str, Any]) -> str:
    return " → ".join(step["effect"] for step in effect["steps"])


def engines(
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the engines and their live workers."""
    from services.cli.connection import Target

    found = asyncio.run(list_engines(Target(url, api_key, data_folder(data))))
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


async def list_voices(target: "Target", language: str | None) -> list[dict[str, Any]]:
    from services.cli.connection import reach

    async with reach(target) as client:
        return await client.voices(language)


async def list_effects(target: "Target") -> list[dict[str, Any]]:
    from services.cli.connection import reach

    async with reach(target) as client:
        return await client.effects()


async def list_engines(target: "Target") -> list[dict[str, Any]]:
    from services.cli.connection import reach

    async with reach(target) as client:
        return await client.engines()


def show(found: list[dict[str, Any]], columns: list[str], rows: list[list[str]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, indent=2))
        return
    from rich.table import Table

    from services.cli.commands.whole_console import whole_console

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    whole_console().print(table)
