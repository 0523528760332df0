"""Builds the gateway's bus messages about jobs: protobuf begins here."""

from collections.abc import Mapping
from functools import cache

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import JobCancelled, StageCancelled, StageRef, StageRequested
from services.chassis.bus import subjects
from services.chassis.bus.codec import pack
from services.chassis.bus.protocol import Envelope
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.errors import InvalidArgument
from services.chassis.service_list import worker_services
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.executions import Abandoned
from services.gateway.jobs.domain.models import JobRecord, Stage

SOURCE = "likeness/gateway"


def stage_requested(stage: Stage, inputs: Mapping[str, Artifact], traceparent: str | None) -> Envelope:
    """Returns the command that asks for this attempt of the stage."""
    task = AnyMessage()
    task.Pack(task_of(stage))
    message = StageRequested(
        stage=StageRef(
            workspace_id=stage.workspace_id, job_id=stage.job_id, stage_id=stage.id, attempt=stage.attempt
        ),
        engine=stage.engine,
        action_key=stage.action_key or "",
        task=task,
        inputs={name: artifact_to_proto(artifact) for name, artifact in inputs.items()},
        timeout_seconds=stage.timeout_seconds,
    )
    subject = subjects.stage_subject(stage.service, stage.engine)
    return pack(subject, message, source=SOURCE, traceparent=traceparent)


def task_of(stage: Stage) -> Message:
    """Returns the service's task message from the stage's parameters, which are its JSON form.

    Raises `InvalidArgument` for a service that is not in the list, and for parameters of another task.
    """
    kind = task_type(stage.service)
    try:
        # The constructor takes the JSON form of nearly every task, and is much faster than ParseDict.
        return kind(**stage.parameters)
    except (TypeError, ValueError):
        try:
            return json_format.ParseDict(dict(stage.parameters), kind())
        except json_format.ParseError as exc:
            raise InvalidArgument(f"Its parameters are not those of a {stage.service} task: {exc}") from exc


@cache
def task_type(service: str) -> type[Message]:
    """Returns the protobuf class of the service's task. Raises `InvalidArgument` for an unknown service."""
    entry = worker_services().get(service)
    if entry is None:
        raise InvalidArgument(f"This gateway does not know the service {service!r}. Install what brings it.")
    return entry.task_type()


def job_cancelled(record: JobRecord) -> Envelope:
    """Returns the broadcast that stops all workers of the job."""
    message = JobCancelled(workspace_id=record.workspace_id, job_id=record.id)
    return pack(subjects.CANCEL, message, source=SOURCE, traceparent=record.traceparent)


def stage_cancelled(record: JobRecord, abandoned: Abandoned) -> Envelope:
    """Returns the broadcast that stops one worker's execution of a stage."""
    stage = StageRef(
        workspace_id=record.workspace_id,
        job_id=record.id,
        stage_id=abandoned.stage_id,
        attempt=abandoned.attempt,
    )
    message = StageCancelled(stage=stage, worker_id=abandoned.worker_id)
    return pack(subjects.CANCEL, message, source=SOURCE, traceparent=record.traceparent)


def deleted_job_cancelled(job_id: str) -> Envelope:
    """Returns the broadcast that stops all workers of a job that is not in the tables any more."""
    return pack(subjects.CANCEL, JobCancelled(job_id=job_id), source=SOURCE)
