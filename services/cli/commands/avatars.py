"""Defines `likeness avatars`, which lists, creates, shows and deletes stored portraits."""

import json
import time
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
from services.cli.job_text import age

if TYPE_CHECKING:
    from services.cli.client import GatewayClient

avatars = typer.Typer(name="avatars", no_args_is_help=False)


@avatars.callback(invoke_without_command=True)
def list_avatars(
    context: typer.Context,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """List the portraits that this workspace has stored."""
    from services.cli.avatars import list_avatars as fetch

    if context.invoked_subcommand is not None:
        return refuse_options_before_subcommand(context)
    found = call_gateway(url, api_key, data, fetch)
    now = time.time()
    rows = [[each["id"], each["name"], each["image"], face_text(each), age(each, now)] for each in found]
    return show(found, ["id", "name", "image", "face", "age"], rows, as_json)


@avatars.command("create")
def create_avatar(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The portrait: a JPEG, PNG or WebP file.")],
    name: Annotated[str | None, typer.Option(help="By default the file's name.")] = None,
    face: Annotated[int | None, typer.Option(help="Which of several faces; 0 is the largest.")] = None,
    landmarks: Annotated[
        Path | None, typer.Option(help="JSON with the face's points, for animals and drawings.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Store a portrait, for `likeness render --avatar`."""
    from services.cli.avatars import create_avatar as create
    from services.cli.commands.render import read_landmarks
    from services.cli.render_request import face_body

    request: dict[str, Any] = {
        "name": image.stem if name is None else name,
        **face_body(face, read_landmarks(landmarks)),
    }

    async def upload_and_create(client: "GatewayClient") -> dict[str, Any]:
        return await create(client, {**request, "image": await client.upload(image)})

    stored = call_gateway(url, api_key, data, upload_and_create)
    print(json.dumps(stored, indent=2) if as_json else stored["id"])


@avatars.command("show")
def show_avatar(
    avatar_id: Annotated[str, typer.Argument(metavar="ID", help="Of an avatar.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Show a stored portrait."""
    from services.cli.avatars import get_avatar

    found = call_gateway(url, api_key, data, lambda client: get_avatar(client, avatar_id))
    if as_json:
        print(json.dumps(found, indent=2))
        return
    created = f"{age(found, time.time())} ago"
    fields = {"id": found["id"], "name": found["name"], "image": found["image"], "face": face_text(found)}
    for field, text in {**fields, "created": created}.items():
        print(f"{field:<9} {text}")


@avatars.command("delete")
def delete_avatar(
    identifiers: Annotated[list[str], typer.Argument(metavar="ID", help="Of avatars.")],
    url: UrlOption = None,
    api_key: ApiKeyOption = None,
    data: DataOption = None,
) -> None:
    """Delete stored portraits. Their images stay, and so do finished videos."""
    from services.cli.avatars import delete_avatar as delete

    delete_each(url, api_key, data, identifiers, delete)


def face_text(avatar: dict[str, Any]) -> str:
    """Returns which face of the portrait is meant."""
    if avatar["landmarks"]:
        return "by landmarks"
    if not avatar["face"]:
        return "the largest"
    index, box = avatar["face"].get("index"), avatar["face"].get("box")
    return f"number {index}" if index is not None else f"in the box {box}"
