"""Synthesizes one piece of a script in a task of its own, which its caller can leave."""

import asyncio
from collections.abc import AsyncGenerator

from services.chassis.engine_host.pool import EnginePool
from services.tts.engines.protocol import AudioChunk, Speech

GRACE_SECONDS = 2.0
"""How long an engine may go on with a piece that is no longer wanted. To stop it costs its process; most
pieces take less than that to end."""
_left: set["asyncio.Task[None]"] = set()


class PieceRun:
    """Synthesis of a piece, which begins at once or as soon as an engine process is free.

    Chunks that were not taken yet are kept without bounds: a piece is short.
    """

    def __init__(self, engine: EnginePool, piece: Speech) -> None:
        self.piece = piece
        self._chunks = asyncio.Queue[AudioChunk | Exception | None]()
        self._begun = False
        self._task = asyncio.create_task(self._run(engine))

    async def chunks(self) -> AsyncGenerator[AudioChunk]:
        """Yields the chunks as they come. Raises what the engine has raised."""
        while (chunk := await self._chunks.get()) is not None:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def leave(self) -> None:
        """Ends the run, at the latest in a moment, without waiting for it."""
        if self._task.done():
            return
        if not self._begun:
            self._task.cancel()
            return
        _left.add(self._task)
        self._task.add_done_callback(_left.discard)
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._task.cancel)

    async def _run(self, engine: EnginePool) -> None:
        try:
            async with engine.host() as host:
                self._begun = True
                async for chunk in host.run("synthesize", self.piece):
                    self._chunks.put_nowait(chunk)
        except Exception as error:  # noqa: BLE001 - it is raised where the piece is heard
            self._chunks.put_nowait(error)
        else:
            self._chunks.put_nowait(None)
