"""Defines `likeness engines`, which lists the engines of the gateway."""

from typing import Any

from services.cli.commands.gateway_call import call_gateway
from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption
from services.cli.commands.table import show

ENGINE_COLUMNS = ["service", "engine", "version", "device", "languages", "workers", "running"]


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
