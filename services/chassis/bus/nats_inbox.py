"""Answers to what was sent to NATS, any number of them under way over one subscription."""

import asyncio
import itertools

from nats.aio.msg import Msg

from services.chassis.bus.nats_connection import NatsConnection

Answer = asyncio.Future[Msg]


class NatsInbox:
    def __init__(self, connection: NatsConnection) -> None:
        self._connection = connection
        self._prefix = ""
        self._opening = asyncio.Lock()
        self._numbers = itertools.count()
        self._awaited: dict[str, Answer] = {}

    async def expect(self) -> tuple[str, Answer]:
        """A subject of its own, and what will arrive on it. It is to be forgotten afterwards."""
        if not self._prefix:
            await self._open()
        subject = f"{self._prefix}.{next(self._numbers)}"
        answer: Answer = asyncio.get_running_loop().create_future()
        self._awaited[subject] = answer
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
        answer = self._awaited.get(message.subject)
        if answer is not None and not answer.done():
            answer.set_result(message)
