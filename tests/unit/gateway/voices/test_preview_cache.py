"""Previews of voices that are kept."""

import asyncio
from functools import partial

from services.gateway.voices.preview_cache import MAX_KEPT, PreviewCache


async def test_a_preview_is_made_once_for_many_and_again_when_it_was_dropped() -> None:
    cache, made = PreviewCache(), list[str]()

    async def make(voice: str) -> bytes:
        made.append(voice)
        await asyncio.sleep(0)
        return voice.encode()

    async def ask(voice: str) -> bytes:
        return await cache.get(("engine", "1", voice), partial(make, voice))

    assert await asyncio.gather(*(ask("heart") for _ in range(5))) == [b"heart"] * 5
    assert made == ["heart"]
    for number in range(MAX_KEPT):
        await ask(str(number))
    await ask("heart")
    assert made.count("heart") == 2
