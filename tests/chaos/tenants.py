"""Creates the workspaces of a run, each with a key and a portrait."""

import hashlib
import struct
import zlib
from dataclasses import dataclass

import asyncpg
import httpx2

from services.gateway.accounts.repository import ensure_key


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace with its API key and the id of its portrait."""

    workspace: str
    key: str
    portrait: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


async def make_tenants(database_url: str, url: str, count: int) -> tuple[Tenant, ...]:
    keys = {f"tenant-{number}": f"lk_chaos_{number}" for number in range(count)}
    connection = await asyncpg.connect(database_url)
    try:
        for workspace, key in keys.items():
            await ensure_key(connection, workspace, "chaos", key)
    finally:
        await connection.close()
    return tuple([Tenant(workspace, key, await upload(url, key)) for workspace, key in keys.items()])


async def upload(url: str, key: str) -> str:
    headers = {"Authorization": f"Bearer {key}"}
    picture = png(128, 128, shade=hashlib.sha256(key.encode()).digest()[0])
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
        response = await http.post("/v1/assets", files={"file": ("portrait.png", picture)})
        return response.raise_for_status().json()["id"]


def png(width: int, height: int, shade: int) -> bytes:
    """Returns a PNG of one shade of grey."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes([shade]) * width for _ in range(height)))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body
