"""Encoding of protobuf messages as CloudEvents in binary mode, the form in which they cross the bus."""

import os

from google.protobuf.message import DecodeError, Message

from likeness.jobs.v1.engines_pb2 import EngineAnnounced
from likeness.jobs.v1.stages_pb2 import (
    JobCancelled,
    StageCancelled,
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageReleased,
    StageRequested,
    StageStarted,
    StageStatuses,
)
from services.chassis.bus.protocol import Envelope
from services.chassis.clock import utc_now
from services.chassis.errors import InvalidArgument
from services.chassis.observability.telemetry import current_traceparent

KINDS: tuple[type[Message], ...] = (
    StageRequested,
    StageStarted,
    StageProgressed,
    StageCompleted,
    StageFailed,
    StageReleased,
    StageStatuses,
    StageCancelled,
    JobCancelled,
    EngineAnnounced,
)
"""Every message that the bus carries."""
_BY_NAME = {kind.DESCRIPTOR.full_name: kind for kind in KINDS}


def pack(
    subject: str,
    message: Message,
    *,
    source: str,
    id: str | None = None,
    traceparent: str | None = None,
) -> Envelope:
    """Returns the envelope of `message`.

    Without a `traceparent` it carries the one of the current span, if there is one.
    """
    event_id = id or new_id()
    headers = {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-type": message.DESCRIPTOR.full_name,
        "ce-source": source,
        "ce-time": utc_now(digits=3),
        "content-type": "application/protobuf",
    }
    if trace := traceparent or current_traceparent():
        headers["traceparent"] = trace
    return Envelope(subject=subject, id=event_id, data=message.SerializeToString(), headers=headers)


def new_id() -> str:
    """Returns a random message id."""
    return os.urandom(16).hex()


def unpack(envelope: Envelope) -> Message:
    """Returns the message in `envelope`.

    Raises `InvalidArgument` if its type is unknown or its bytes cannot be decoded.
    """
    name = envelope.headers.get("ce-type", "")
    kind = _BY_NAME.get(name)
    if kind is None:
        raise InvalidArgument(f"The bus carried a message of the unknown type {name!r}.")
    try:
        return kind.FromString(envelope.data)
    except DecodeError as error:
        raise InvalidArgument(f"The bus carried a {name} that cannot be decoded.") from error
