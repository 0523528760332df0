"""Confirmed publishing to NATS, with many messages in flight over one inbox."""

import json

import nats.js.errors
from nats.aio.msg import Msg

from services.chassis.bus.nats.connection import NatsConnection
from services.chassis.bus.nats.inbox import NatsInbox
from services.chassis.bus.protocol import Envelope

_NO_RESPONDERS = "503"


class NatsPublisher:
    """Publishes as JetStream's own `publish` does for one message at a time, at half of its cost."""

    def __init__(self, connection: NatsConnection, inbox: NatsInbox) -> None:
        self._connection = connection
        self._inbox = inbox

    async def publish(self, envelope: Envelope) -> None:
        """Returns once the message is stored.

        Raises `NoStreamResponseError` if no stream takes its subject, `APIError` if its stream refuses it,
        and `TimeoutError` without a confirmation.
        """
        reply, confirmed = await self._inbox.expect()
        try:
            await self._connection.client.publish(
                envelope.subject,
                envelope.data,
                reply=reply,
                headers={**envelope.headers, "Nats-Msg-Id": envelope.id},
            )
            _check(await confirmed)
        finally:
            self._inbox.forget(reply)

    async def wait_until_processed(self) -> None:
        """Returns once the server has processed all that was sent before.

        It sends a message to its own inbox, which arrives after everything sent before. The client's own
        `flush` would end its read loop when the PONG arrives after the timeout.
        """
        subject, echo = await self._inbox.expect()
        try:
            await self._connection.client.publish(subject)
            await echo
        finally:
            self._inbox.forget(subject)


def _check(confirmation: Msg) -> None:
    """Raises the error in a confirmation."""
    headers = confirmation.headers
    if headers is not None and headers.get("Status") == _NO_RESPONDERS:
        raise nats.js.errors.NoStreamResponseError
    if b'"error"' in confirmation.data:
        error = json.loads(confirmation.data).get("error")
        if error:
            raise nats.js.errors.APIError.from_error(error)
