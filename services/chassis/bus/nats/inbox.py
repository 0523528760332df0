"""Replies from NATS: any number of outstanding requests over one subscription."""

import asyncio
import itertools

from nats.aio.msg import Msg

from services.chassis.bus.nats.connection import REPLY_SECONDS, NatsConnection

Answer = asyncio.Future[Msg]


class NatsInbox:
    """Hands out reply subjects and resolves the future of each when its reply arrives."""

    def __init__(self, connection: NatsConnection) -> None:
        self._connection = connection
        self._prefix = ""
        self._opening = asyncio.Lock()
        self._numbers = itertools.count()
        self._pending: dict[str, tuple[Answer, float]] = {}
        self._expiry_timer: asyncio.TimerHandle | None = None

    async def expect(self) -> tuple[str, Answer]:
        """Returns a new reply subject and the future of its reply.

        The future fails with `TimeoutError` after `REPLY_SECONDS`. The caller must `forget` the subject
        afterwards.
        """
        if not self._prefix:
            await self._open()
        subject = f"{self._prefix}.{next(self._numbers)}"
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        self._pending[subject] = answer, loop.time() + REPLY_SECONDS
        if self._expiry_timer is None:
            self._expiry_timer = loop.call_later(REPLY_SECONDS, self._expire)
        return subject, answer

    def forget(self, subject: str) -> None:
        """Stops waiting on the subject; later replies are dropped."""
        del self._pending[subject]

    async def _open(self) -> None:
        async with self._opening:
            if not self._prefix:
                prefix = self._connection.client.new_inbox()
                await self._connection.subscribe(f"{prefix}.*", self._handle_answer)
                self._prefix = prefix

    async def _handle_answer(self, message: Msg) -> None:
        answer, _ = self._pending.get(message.subject, (None, 0.0))
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _expire(self) -> None:
        """Fails overdue replies.

        One timer serves all, set for the oldest: one for each would mostly be set for nothing.
        """
        loop = asyncio.get_running_loop()
        self._expiry_timer = None
        for answer, until in self._pending.values():
            if until > loop.time():
                self._expiry_timer = loop.call_at(until, self._expire)
                return
            if not answer.done():
                answer.set_exception(TimeoutError())
