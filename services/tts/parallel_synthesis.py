"""Synthesizes the pieces of a script in several engine processes at once, and yields them in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from services.chassis.aio import cancel_and_wait
from services.chassis.engine_host.pool import EnginePool
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.script.spans import Break

_Chunks = asyncio.Queue[AudioChunk | Exception | None]
"""The chunks of one piece, ended by `None` or by the exception that was raised.

It is unbounded: a piece is short.
"""


@dataclass(frozen=True, slots=True)
class _Begun:
    piece: Speech
    chunks: "_Chunks"
    task: asyncio.Task[None]


async def speak_in_order(
    engine: EnginePool, pieces: Iterator[Speech | Break], *, at_once: int
) -> AsyncGenerator[tuple[Speech, AudioChunk] | Break]:
    """Yields the chunks of each piece as soon as they exist, and the breaks between them.

    At most `at_once` pieces are synthesized at the same time. An engine's exception is raised at its place
    in the order. Closing the iterator stops all of them.
    """
    begun: deque[_Begun | Break] = deque()
    try:
        while _begin(engine, pieces, begun, at_once):
            first = begun[0]
            if isinstance(first, Break):
                yield first
            else:
                async for chunk in _heard(first.chunks):
                    yield first.piece, chunk
            begun.popleft()
    finally:
        await cancel_and_wait(tuple(each.task for each in begun if isinstance(each, _Begun)))


def _begin(
    engine: EnginePool, pieces: Iterator[Speech | Break], begun: deque[_Begun | Break], at_once: int
) -> bool:
    """Starts as many pieces as are allowed; returns False once none is left."""
    while len(begun) < at_once and (piece := next(pieces, None)) is not None:
        if isinstance(piece, Break):
            begun.append(piece)
            continue
        chunks: _Chunks = asyncio.Queue()
        task = asyncio.create_task(_speak(engine, piece, chunks))
        begun.append(_Begun(piece, chunks, task))
    return bool(begun)


async def _speak(engine: EnginePool, piece: Speech, chunks: _Chunks) -> None:
    try:
        async with aclosing(engine.run("synthesize", piece)) as items:
            async for chunk in items:
                chunks.put_nowait(chunk)
    except Exception as error:  # noqa: BLE001 - it is raised where the piece is heard
        chunks.put_nowait(error)
    else:
        chunks.put_nowait(None)


async def _heard(chunks: _Chunks) -> AsyncGenerator[AudioChunk]:
    while (chunk := await chunks.get()) is not None:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk
