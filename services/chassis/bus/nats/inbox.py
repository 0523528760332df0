"""Answers to what was sent to NATS, any number of them under way over one subscription."""

import asyncio
import itertools

from nats.aio.msg import Msg

from services.chassis.bus.nats.connection import REPLY_SECONDS, NatsConnection

Answer = asyncio.Future[Msg]


class NatsInbox:
    def __init__(self, connection: NatsConnection) -> None:
        self._connection = connection
        self._prefix = ""
        self._opening = asyncio.Lock()
        self._numbers = itertools.count()
        self._awaited: dict[str, tuple[Answer, float]] = {}
        self._watch: asyncio.TimerHandle | None = None

    async def expect(self) -> tuple[str, Answer]:
        """A subject of its own, and what arrives on it, or `TimeoutError`. To be forgotten afterwards."""
        if not self._prefix:
            await self._open()
        subject = f"{self._prefix}.{next(self._numbers)}"
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        self._awaited[subject] = answer, loop.time() + REPLY_SECONDS
        if self._watch is None:
            self._watch = loop.call_later(REPLY_SECONDS, self._give_up)
        return subject, answer

    def forget(self, subject: str) -> None:
        """What still arrives there is dropped."""
        del self._awaited[subject]

    async def _open(self) -> None:
        async with self._opening:
            if not self._prefix:
                prefix = self._connection.client.new_inbox()
                await self._connection.subscribe(f"{prefix}.*", self._handle_answer)
                self._prefix = prefix

    async def _handle_answer(self, message: Msg) -> None:
        answer, _ = self._awaited.get(message.subject, (None, 0.0))
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _give_up(self) -> None:
        """One timer for all, at the time of the oldest: one for each would be set for nothing, mostly."""
        loop = asyncio.get_running_loop()
        self._watch = None
        for answer, until in self._awaited.values():
            if until > loop.time():
                self._watch = loop.call_at(until, self._give_up)
                return
            if not answer.done():
                answer.set_exception(TimeoutError())
