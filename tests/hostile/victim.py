"""A workspace beside the attacker's, with an object of every kind, whose ids an attacker has come to know."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.examples import PORTRAIT, READER
from tests.hostile.attack import Target

SECRET = "The owl keeps the blue key"
"""Words that stand in all that the victim has."""
WORD = "zanzibarially"
EFFECT = "hidden-chain"
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Victim:
    """What there is in the victim's workspace."""

    ids: Mapping[str, str]
    """By what they name: `video`, `audio_job`, `batch`, `image`, `recording`, `avatar`, `upload`."""
    objects: tuple[str, ...]
    """Keys of its objects in the store."""


class Victims:
    """Makes the victim of a stack when the first attack asks for it."""

    def __init__(self) -> None:
        self._made: dict[Path, asyncio.Task[Victim]] = {}

    async def of(self, target: Target) -> Victim:
        if target.data not in self._made:
            self._made[target.data] = asyncio.create_task(make_victim(target))
        return await self._made[target.data]


async def make_victim(target: Target) -> Victim:
    """Uses the stack's own workspace: its key stands in the data folder."""
    key = json.loads((target.data / "credentials.json").read_text())["api_key"]
    url = f"http://{target.host}:{target.port}"
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=SECONDS, trust_env=False) as http:
        return await fill_workspace(http)


async def fill_workspace(http: httpx2.AsyncClient) -> Victim:
    image, recording = [
        await sent(http.post("/v1/assets", files={"file": (f"{SECRET}{each.suffix}", each.read_bytes())}))
        for each in (PORTRAIT, READER)
    ]
    job = {"script": f"{SECRET}.", "title": SECRET, "metadata": {"secret": "owl"}}
    video = await sent(http.post("/v1/videos", json={**job, "image": image["id"]}))
    audio = await sent(http.post("/v1/audio/jobs", json=job))
    line = json.dumps({"custom_id": SECRET, "url": "/v1/audio/jobs", "body": job})
    jsonl = {"Content-Type": "application/jsonl"}
    batch = await sent(http.post("/v1/batches", content=line, headers=jsonl))
    avatar = await sent(http.post("/v1/avatars", json={"name": SECRET, "image": image["id"]}))
    upload = await sent(http.post("/v1/assets/uploads", json={"filename": SECRET, "bytes": 10}))
    await sent(http.put(f"/v1/lexicon/{WORD}", json={"respelling": SECRET}))
    await sent(http.post("/v1/effects", json={"name": EFFECT, "description": SECRET, "steps": ["radio"]}))
    made = {
        "video": video,
        "audio_job": audio,
        "batch": batch,
        "image": image,
        "recording": recording,
        "avatar": avatar,
        "upload": upload,
    }
    objects = tuple(object_key(each["sha256"]) for each in (image, recording))
    return Victim({name: each["id"] for name, each in made.items()}, objects)


def object_key(sha256: str) -> str:
    return f"default/sha256/{sha256[:2]}/{sha256}"


async def sent(response: Any) -> dict[str, Any]:
    return (await response).raise_for_status().json()
