"""Batches of stage statuses: several statuses packed into one message, and unpacked again."""

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
"""The field of a batch's entry for each type of status."""

Status = StageStarted | StageProgressed | StageCompleted | StageFailed | StageReleased


def batch_statuses(statuses: Iterable[tuple[Status, str | None]]) -> StageStatuses:
    """Returns one message with all statuses, each with its traceparent."""
    batch = StageStatuses()
    for status, traceparent in statuses:
        entry = batch.statuses.add()
        getattr(entry, _FIELDS[type(status)]).CopyFrom(status)
        if traceparent:
            entry.traceparent = traceparent
    return batch


def statuses_in(envelope: Envelope) -> Iterator[tuple[Message, str | None]]:
    """Yields the statuses of a message in order, each with its traceparent.

    A message that is no batch is yielded by itself. Raises `InvalidArgument` if it cannot be read. An entry
    of an unknown kind is yielded as it is.
    """
    message = unpack(envelope)
    if not isinstance(message, StageStatuses):
        yield message, envelope.headers.get("traceparent")
        return
    for entry in message.statuses:
        kind = entry.WhichOneof("status")
        yield getattr(entry, kind) if kind else entry, entry.traceparent or None
