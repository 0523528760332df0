"""Calls of the gateway's API about avatars."""

from typing import Any

from services.cli.client import GatewayClient, quoted
from services.cli.refusal import Options

AVATAR_OPTIONS: Options = {
    "name": "--name",
    "image": "IMAGE",
    "face": "--face",
    "landmarks": "--landmarks",
}


async def list_avatars(client: GatewayClient) -> list[dict[str, Any]]:
    return (await client.call("GET", "/v1/avatars"))["data"]


async def create_avatar(client: GatewayClient, request: dict[str, Any]) -> dict[str, Any]:
    return await client.call("POST", "/v1/avatars", AVATAR_OPTIONS, json=request)


async def get_avatar(client: GatewayClient, avatar_id: str) -> dict[str, Any]:
    return await client.call("GET", f"/v1/avatars/{quoted(avatar_id)}")


async def delete_avatar(client: GatewayClient, avatar_id: str) -> None:
    await client.call("DELETE", f"/v1/avatars/{quoted(avatar_id)}")
