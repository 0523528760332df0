"""The gateway's bus messages about videos: protobuf begins here."""

from collections.abc import Mapping

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from likeness.jobs.v1.stages_pb2 import StageCancelled, StageRef, StageRequested, VideoCancelled
from likeness.mux.v1.mux_pb2 import AssemblyTask
from likeness.tts.v1.tts_pb2 import SynthesisTask
from likeness.video.v1.video_pb2 import RenderingTask
from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.bus import subjects
from services.chassis.bus.codec import pack
from services.chassis.bus.protocol import Envelope
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.executions import Abandoned
from services.gateway.jobs.domain.models import Stage, Video

SOURCE = "likeness/gateway"
TASKS: Mapping[str, type[Message]] = {
    "tts": SynthesisTask,
    "voice": ConversionTask,
    "video": RenderingTask,
    "mux": AssemblyTask,
}


def stage_requested(stage: Stage, inputs: Mapping[str, Artifact], traceparent: str | None) -> Envelope:
    """The command that asks for this attempt of the stage."""
    task = AnyMessage()
    task.Pack(task_of(stage))
    message = StageRequested(
        stage=StageRef(
            workspace_id=stage.workspace_id, video_id=stage.video_id, stage_id=stage.id, attempt=stage.attempt
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
    """The JSON form of nearly every task is what its constructor takes, which is much quicker to read."""
    kind = TASKS[stage.service]
    try:
        return kind(**stage.parameters)
    except (TypeError, ValueError):
        return json_format.ParseDict(dict(stage.parameters), kind())


def video_cancelled(video: Video) -> Envelope:
    """The broadcast that stops whoever still works on the video."""
    message = VideoCancelled(workspace_id=video.workspace_id, video_id=video.id)
    return pack(subjects.CANCEL, message, source=SOURCE, traceparent=video.traceparent)


def stage_cancelled(video: Video, abandoned: Abandoned) -> Envelope:
    """The broadcast that stops one worker's execution of a stage."""
    stage = StageRef(
        workspace_id=video.workspace_id,
        video_id=video.id,
        stage_id=abandoned.stage_id,
        attempt=abandoned.attempt,
    )
    message = StageCancelled(stage=stage, worker_id=abandoned.worker_id)
    return pack(subjects.CANCEL, message, source=SOURCE, traceparent=video.traceparent)


def deleted_video_cancelled(video_id: str) -> Envelope:
    """The same for a video that no table knows any more."""
    return pack(subjects.CANCEL, VideoCancelled(video_id=video_id), source=SOURCE)
