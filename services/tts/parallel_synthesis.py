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
class _RunningPiece:
    piece: Speech
    chunks: "_Chunks"
    task: asyncio.Task[None]


async def synthesize_in_order(
    engine: EnginePool, pieces: Iterator[Speech | Break], *, max_concurrency: int
) -> AsyncGenerator[tuple[Speech, AudioChunk] | Break]:
    """Yields the chunks of each piece as soon as they exist, and the breaks between them.

    At most `max_concurrency` pieces are synthesized at the same time. An engine's exception is raised at
    its place in the order. Closing the iterator stops all of them.
    """
    running: deque[_RunningPiece | Break] = deque()
    try:
        while _start_pieces(engine, pieces, running, max_concurrency):
            first = running[0]
            if isinstance(first, Break):
                yield first
            else:
                async for chunk in _chunks_of(first.chunks):
                    yield first.piece, chunk
            running.popleft()
    finally:
        await cancel_and_wait(tuple(each.task for each in running if isinstance(each, _RunningPiece)))


def _start_pieces(
    engine: EnginePool,
    pieces: Iterator[Speech | Break],
    running: deque[_RunningPiece | Break],
    max_concurrency: int,
) -> bool:
    """Starts as many pieces as are allowed; returns False once none is left."""
    while len(running) < max_concurrency and (piece := next(pieces, None)) is not None:
        if isinstance(piece, Break):
            running.append(piece)
            continue
        chunks: _Chunks = asyncio.Queue()
        task = asyncio.create_task(_synthesize_piece(engine, piece, chunks))
        running.append(_RunningPiece(piece, chunks, task))
    return bool(running)


async def _synthesize_piece(engine: EnginePool, piece: Speech, chunks: _Chunks) -> None:
    try:
        async with aclosing(engine.run("synthesize", piece)) as items:
            async for chunk in items:
                chunks.put_nowait(chunk)
    except Exception as error:  # noqa: BLE001 - it is raised where the piece is heard
        chunks.put_nowait(error)
    else:
        chunks.put_nowait(None)


async def _chunks_of(chunks: _Chunks) -> AsyncGenerator[AudioChunk]:
    while (chunk := await chunks.get()) is not None:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk
