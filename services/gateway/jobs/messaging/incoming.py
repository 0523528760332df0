"""Converts status messages from the bus into events: protobuf ends here."""

import math
from collections.abc import Iterator
from dataclasses import replace

from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageReleased,
    StageStarted,
)
from services.chassis.contracts.jobs import artifact_from_proto, check_from_proto, reason_from_proto
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.errors import InvalidArgument
from services.gateway.jobs.domain.events import (
    Completed,
    Failed,
    HandedBack,
    Progressed,
    Started,
    WorkerEvent,
)
from services.gateway.jobs.domain.models import Failure


def stage_event(message: Message) -> tuple[str, WorkerEvent]:
    """Returns the job's id and the event. Raises `InvalidArgument` for a message that is no stage status."""
    match message:
        case StageStarted():
            event = Started(message.stage.stage_id, message.stage.attempt, message.worker_id)
        case StageProgressed():
            event = Progressed(
                message.stage.stage_id, message.stage.attempt, message.worker_id, finite(message.progress)
            )
        case StageCompleted():
            event = _completed(message)
        case StageFailed():
            event = _failed(message)
        case StageReleased():
            event = HandedBack(message.stage.stage_id, message.stage.attempt, message.worker_id)
        case _:
            raise InvalidArgument(f"{message.DESCRIPTOR.full_name} is not a stage status")
    return message.stage.job_id, event


def _completed(message: StageCompleted) -> Completed:
    return Completed(
        message.stage.stage_id,
        message.stage.attempt,
        message.worker_id,
        {name: artifact_from_proto(artifact) for name, artifact in message.outputs.items()},
        finite(message.media_seconds),
        ran_seconds=(message.completed_at.ToNanoseconds() - message.started_at.ToNanoseconds()) / 1e9
        if message.HasField("started_at")
        else 0.0,
        checks=tuple(_checks(message)),
    )


def _checks(message: StageCompleted) -> Iterator[QualityCheck]:
    """Yields the message's checks. A check with an infinite or NaN number is left out: the completion counts
    without it."""
    for check in map(check_from_proto, message.checks):
        bounds = (check.value, check.lower or 0.0, check.upper or 0.0)
        if all(map(math.isfinite, bounds)):
            texts = {"name": storable(check.name), "unit": storable(check.unit)}
            yield replace(check, **texts, message=storable(check.message))


def _failed(message: StageFailed) -> Failed:
    return Failed(
        message.stage.stage_id,
        message.stage.attempt,
        message.worker_id,
        Failure(reason_from_proto(message.error.reason), storable(message.error.message)),
        message.error.artifact_key,
    )


def finite(value: float) -> float:
    """Returns the value. Raises `InvalidArgument` for infinity and NaN."""
    if not math.isfinite(value):
        raise InvalidArgument(f"A stage status says {value} where a number belongs.")
    return value


def storable(text: str) -> str:
    """Returns the text without NUL, which PostgreSQL cannot store and an engine's error may contain."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
