"""Defines `likeness demo`, which renders the shipped example."""

import json
from pathlib import Path
from typing import Annotated

import typer

from services.cli.commands.options import ApiKeyOption, DataOption, JsonOption, UrlOption, data_folder


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the MP4 goes.")] = Path("out/demo.mp4"),
    json_lines: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Render the shipped example. Writes the times that it took beside the video."""
    from services.cli.commands.render import render_to_file
    from services.cli.connection import Target
    from services.cli.destination import STDOUT, write_file
    from services.cli.example import load_example

    target = Target(url, api_key, data_folder(data))
    rendered = render_to_file(load_example(), out, target, json_lines)
    times = {"wall_seconds": rendered.wall_seconds, "video_seconds": rendered.seconds}
    if out != STDOUT:
        write_file(out.with_suffix(".times.json"), f"{json.dumps(times)}\n".encode())
