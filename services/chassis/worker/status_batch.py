"""Several statuses of stages in one message, and one by one again."""

from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageReleased,
    StageStarted,
    StageStatuses,
)
from services.chassis.bus.codec import unpack
from services.chassis.bus.protocol import Envelope

_FIELDS: Mapping[type[Message], str] = {
    StageStarted: "started",
    StageProgressed: "progressed",
    StageCompleted: "completed",
    StageFailed: "failed",
    StageReleased: "released",
}
"""Where an entry of a group carries a status."""

Status = StageStarted | StageProgressed | StageCompleted | StageFailed | StageReleased


def group_of(statuses: Iterable[tuple[Status, str | None]]) -> StageStatuses:
    """One message of statuses, each with its traceparent."""
    group = StageStatuses()
    for status, traceparent in statuses:
        entry = group.statuses.add()
        getattr(entry, _FIELDS[type(status)]).CopyFrom(status)
        if traceparent:
            entry.traceparent = traceparent
    return group


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
