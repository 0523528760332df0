"""Creates and updates the streams and consumers of the bus on NATS."""

# pyright: reportUnknownMemberType=false
# (nats-py leaves `**params` without a type)

from datetime import datetime

import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
)

from services.chassis.bus.nats.connection import translated_errors
from services.chassis.bus.subjects import STAGES, STREAMS, health_subject
from services.chassis.errors import BusUnavailable, InvalidArgument

DUPLICATE_WINDOW_SECONDS = 600.0
MAX_DELIVERIES = 5
MAX_ACK_PENDING = 65_536
"""Above the largest count of workers: a lower limit would stall them all."""
PRODUCTION_REPLICAS = 3
STAGE_MAX_AGE_SECONDS = 24 * 3600.0
"""Maximum age of a stage's message.

Without it a message that has been delivered for the last time would stay in its stream, unseen, for ever. The
gateway requests a stage again if its message is gone.
"""

_STREAM_EXISTS_WITH_OTHER_CONFIG = 10058


def stream_name(subject: str) -> str:
    """Returns the stream that holds the messages of `subject`.

    Raises `InvalidArgument` if it is not the subject of a queue.
    """
    for prefix, stream in STREAMS.items():
        if subject.startswith(f"{prefix}."):
            return stream
    raise InvalidArgument(f"{subject!r} is not the subject of a queue.")


def consumer_name(subject: str) -> str:
    """Returns the durable name that all competitors for `subject` share."""
    return subject.replace(">", "all").replace("*", "any").replace(".", "__")


class NatsTopology:
    """Creates and updates the streams and consumers."""

    def __init__(self, jetstream: JetStreamContext, *, lease_seconds: float, production: bool) -> None:
        self._jetstream = jetstream
        self._lease_seconds = lease_seconds
        self._replicas = PRODUCTION_REPLICAS if production else 1

    async def ensure_streams(self) -> None:
        """Creates the streams or updates their configuration.

        Raises `BusUnavailable` if the broker cannot store them as safely as the environment requires.
        """
        with translated_errors("make its streams"):
            for prefix, name in STREAMS.items():
                subjects = [f"{prefix}.>", health_subject(name)]
                await self._ensure_stream(self._stream_config(name, subjects))

    async def ensure_consumer(self, subject: str) -> datetime | None:
        """Creates the consumer of `subject` unless it exists, and returns when it was created.

        Another time than before means another queue.
        """
        with translated_errors("make a consumer"):
            try:
                return await self._add_consumer(subject)
            except nats.js.errors.NotFoundError:
                await self.ensure_streams()
                return await self._add_consumer(subject)

    def _stream_config(self, name: str, subjects: list[str]) -> StreamConfig:
        return StreamConfig(
            name=name,
            subjects=subjects,
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            num_replicas=self._replicas,
            duplicate_window=DUPLICATE_WINDOW_SECONDS,
            allow_rollup_hdrs=True,
            max_age=STAGE_MAX_AGE_SECONDS if name == STREAMS[STAGES] else None,
        )

    async def _ensure_stream(self, config: StreamConfig) -> None:
        try:
            info = await self._jetstream.add_stream(config)
        except nats.js.errors.BadRequestError as error:
            if error.err_code != _STREAM_EXISTS_WITH_OTHER_CONFIG:
                raise
            info = await self._update_stream(config)
        if info.config.storage != StorageType.FILE or (info.config.num_replicas or 1) < self._replicas:
            raise BusUnavailable(
                f"The stream {config.name} must be kept in files on {self._replicas} servers: "
                "run NATS as a cluster with JetStream, or set LIKENESS_ENVIRONMENT=dev."
            )

    async def _update_stream(self, config: StreamConfig) -> StreamInfo:
        """Updates a stream, never to fewer replicas: a development worker may have been pointed at
        production.
        """
        existing = await self._jetstream.stream_info(config.name or "")
        replicas = max(config.num_replicas or 1, existing.config.num_replicas or 1)
        return await self._jetstream.update_stream(config.evolve(num_replicas=replicas))

    async def _add_consumer(self, subject: str) -> datetime | None:
        config = ConsumerConfig(
            name=consumer_name(subject),
            durable_name=consumer_name(subject),
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._lease_seconds,
            max_deliver=MAX_DELIVERIES,
            max_ack_pending=MAX_ACK_PENDING,
        )
        info = await self._jetstream.add_consumer(stream_name(subject), config)
        return info.created
