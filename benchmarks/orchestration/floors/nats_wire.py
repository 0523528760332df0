"""Sends and receives with raw nats-py: JetStream work queues on disk, push consumers, many unconfirmed
publishes."""

# nats-py types neither the options of a connection nor those of a stream.
# pyright: reportUnknownMemberType=false

import asyncio
from collections.abc import Callable, Sequence

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy, StreamConfig

from benchmarks.orchestration.floors import REQUESTS, STATUSES
from benchmarks.orchestration.floors.wire import PREFETCH, Received


class NatsWire:
    """A wire over JetStream. Every publish is confirmed."""

    def __init__(self) -> None:
        self._client: Client
        self._jetstream: JetStreamContext

    async def open(self, url: str) -> None:
        self._client = await nats.connect(url)
        self._jetstream = self._client.jetstream()
        for queue in (REQUESTS, STATUSES):
            config = StreamConfig(name=queue, subjects=[queue], retention=RetentionPolicy.WORK_QUEUE)
            await self._jetstream.add_stream(config)

    async def send(self, queue: str, bodies: Sequence[bytes]) -> None:
        confirmed = [await self._jetstream.publish_async(queue, body) for body in bodies]
        await asyncio.gather(*confirmed)

    async def receive(self, queue: str, handle: Callable[[Received], None]) -> None:
        async def take(message: Msg) -> None:
            handle((message.data, message.ack))

        await self._jetstream.subscribe(
            queue,
            queue=queue,
            cb=take,
            manual_ack=True,
            config=ConsumerConfig(max_ack_pending=PREFETCH),
        )

    async def close(self) -> None:
        await self._client.close()
