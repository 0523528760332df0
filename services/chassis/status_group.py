"""Several statuses of stages in one message, and one by one again."""

from collections.abc import Iterable, Iterator

from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageReleased,
    StageStarted,
    StageStatus,
    StageStatuses,
)
from services.chassis.bus.codec import unpack
from services.chassis.bus.protocol import Envelope

Status = StageStarted | StageProgressed | StageCompleted | StageFailed | StageReleased


def group_of(statuses: Iterable[tuple[Status, str | None]]) -> StageStatuses:
    """One message of statuses, each with its traceparent."""
    return StageStatuses(statuses=[_entry(status, traceparent) for status, traceparent in statuses])


def statuses_in(envelope: Envelope) -> Iterator[tuple[Message, str | None]]:
    """Messages in their order, each with its traceparent; one that is no group is by itself.

    Raises `InvalidArgument` if it cannot be read. An entry of an unknown kind is left as it is.
    """
    message = unpack(envelope)
    if not isinstance(message, StageStatuses):
        yield message, envelope.headers.get("traceparent")
        return
    for entry in message.statuses:
        kind = entry.WhichOneof("status")
        yield getattr(entry, kind) if kind else entry, entry.traceparent or None


def _entry(status: Status, traceparent: str | None) -> StageStatus:
    match status:
        case StageStarted():
            return StageStatus(started=status, traceparent=traceparent)
        case StageProgressed():
            return StageStatus(progressed=status, traceparent=traceparent)
        case StageCompleted():
            return StageStatus(completed=status, traceparent=traceparent)
        case StageFailed():
            return StageStatus(failed=status, traceparent=traceparent)
        case StageReleased():
            return StageStatus(released=status, traceparent=traceparent)
