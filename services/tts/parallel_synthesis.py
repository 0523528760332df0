"""Synthesizes the pieces of a script in several engine processes at once, and yields them in order."""

from collections import deque
from collections.abc import AsyncGenerator, Iterator

from services.chassis.engine_host.pool import EnginePool
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.piece_run import PieceRun
from services.tts.script.spans import Break


async def synthesize_in_order(
    engine: EnginePool, pieces: Iterator[Speech | Break], *, max_concurrency: int
) -> AsyncGenerator[tuple[Speech, AudioChunk] | Break]:
    """Yields the chunks of each piece as soon as they exist, and the breaks between them.

    At most `max_concurrency` pieces are synthesized at the same time. An engine's exception is raised at
    its place in the order. Closing the iterator leaves all of them.
    """
    running: deque[PieceRun | Break] = deque()
    try:
        while _start_pieces(engine, pieces, running, max_concurrency):
            first = running[0]
            if isinstance(first, Break):
                yield first
            else:
                async for chunk in first.chunks():
                    yield first.piece, chunk
            running.popleft()
    finally:
        for each in running:
            if isinstance(each, PieceRun):
                each.leave()


def _start_pieces(
    engine: EnginePool,
    pieces: Iterator[Speech | Break],
    running: deque[PieceRun | Break],
    max_concurrency: int,
) -> bool:
    """Starts as many pieces as are allowed; returns False once none is left."""
    while len(running) < max_concurrency and (piece := next(pieces, None)) is not None:
        running.append(piece if isinstance(piece, Break) else PieceRun(engine, piece))
    return bool(running)
