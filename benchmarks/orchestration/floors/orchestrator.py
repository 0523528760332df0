"""Orchestrates chains with minimal work: all statuses that arrive during one commit go into the next."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from benchmarks.orchestration import STAGES
from benchmarks.orchestration.floors import REQUESTS, STATUSES
from benchmarks.orchestration.floors.item_buffer import ItemBuffer
from benchmarks.orchestration.floors.store import Step, Store
from benchmarks.orchestration.floors.wire import Received, Wire
from benchmarks.orchestration.system import Done, Submit


class Orchestrator:
    """Creates chains, requests their stages and advances them as their statuses arrive."""

    def __init__(self, wire: Wire, store: Store, done: Done) -> None:
        self._wire = wire
        self._store = store
        self._done = done
        self._statuses: ItemBuffer[Received] = ItemBuffer()
        self._sending: set[asyncio.Task[None]] = set()
        self._storing = asyncio.Lock()

    async def submit(self, chains: Sequence[str]) -> None:
        async with self._storing:
            await self._store.create(chains)
        self._request([(chain, 0) for chain in chains])

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Submit]:
        await self._wire.receive(STATUSES, self._statuses.add)
        following = asyncio.create_task(self._follow())
        try:
            yield self.submit
        finally:
            following.cancel()

    async def _follow(self) -> None:
        while True:
            received = await self._statuses.take_all()
            finished: list[Step] = [tuple(json.loads(body)) for body, _ in received]
            async with self._storing:
                await self._store.advance(finished)
            self._request([(chain, number + 1) for chain, number in finished if number < STAGES - 1])
            for chain, number in finished:
                if number == STAGES - 1:
                    self._done(chain)
            for _, ack in received:
                await ack()

    def _request(self, steps: Sequence[Step]) -> None:
        """Sends requests in the background. The table holds them already: no caller waits for the broker."""
        if steps:
            task = asyncio.create_task(
                self._wire.send(REQUESTS, [json.dumps(step).encode() for step in steps])
            )
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
