"""Conversion of commands and statuses to and from bus messages."""

import math

import pytest
from google.protobuf.message import Message

from likeness.jobs.v1.errors_pb2 import ERROR_REASON_ARTIFACT_MISSING, ERROR_REASON_TIMED_OUT, StageError
from likeness.jobs.v1.quality_pb2 import QualityCheck
from likeness.jobs.v1.stages_pb2 import (
    JobCancelled,
    StageCancelled,
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageRef,
    StageReleased,
    StageRequested,
    StageStarted,
)
from likeness.video.v1.video_pb2 import RenderingTask
from services.chassis.bus.codec import unpack
from services.chassis.contracts.jobs import artifact_from_proto, artifact_to_proto
from services.chassis.engine_api.quality import judge
from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument, Reason
from services.gateway.jobs.domain.events import (
    Completed,
    Failed,
    HandedBack,
    Progressed,
    StageEvent,
    Started,
)
from services.gateway.jobs.domain.executions import Abandoned
from services.gateway.jobs.domain.models import Failure
from services.gateway.jobs.messaging.incoming import stage_event
from services.gateway.jobs.messaging.outgoing import (
    deleted_job_cancelled,
    job_cancelled,
    stage_cancelled,
    stage_requested,
)
from services.gateway.jobs.messaging.undeliverable import command_failure
from services.gateway.speech.spec import ScriptSpec
from services.gateway.videos.plan import plan_scene
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec
from tests.unit.gateway.jobs.job_examples import MUX, TTS, VIDEO, build_artifact, build_record, build_stage

REF = StageRef(workspace_id="default", job_id="v", stage_id="s", attempt=2)
SPEECH = build_artifact("speech")
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (StageStarted(stage=REF, worker_id="w"), Started("s", 2, "w")),
        (StageProgressed(stage=REF, worker_id="w", progress=0.5), Progressed("s", 2, "w", 0.5)),
        (
            StageCompleted(
                stage=REF, worker_id="w", outputs={"speech": artifact_to_proto(SPEECH)}, media_seconds=1.5
            ),
            Completed("s", 2, "w", {"speech": SPEECH}, 1.5),
        ),
        (
            StageFailed(
                stage=REF,
                worker_id="w",
                error=StageError(reason=ERROR_REASON_TIMED_OUT, message="a\x00b", retryable=True),
            ),
            Failed("s", 2, "w", Failure(Reason.TIMED_OUT, "a�b")),
        ),
        (
            StageFailed(
                stage=REF,
                worker_id="w",
                error=StageError(reason=ERROR_REASON_ARTIFACT_MISSING, message="gone", artifact_key="k"),
            ),
            Failed("s", 2, "w", Failure(Reason.ARTIFACT_MISSING, "gone"), missing="k"),
        ),
        (
            StageFailed(stage=REF, worker_id="w"),
            Failed("s", 2, "w", Failure(Reason.INTERNAL, "")),
        ),
        (StageReleased(stage=REF, worker_id="w"), HandedBack("s", 2, "w")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_status_is_converted_to_an_event(message: Message, event: StageEvent):
    assert stage_event(message) == ("v", event)


def test_a_check_with_infinity_or_nan_is_left_out():
    """The completion counts without the check."""
    nan, bound = QualityCheck(name="a", value=math.nan), QualityCheck(name="b", upper=math.inf)
    good = QualityCheck(name="c\x00", value=2, unit="s", upper=1, message="Long.")
    _, event = stage_event(StageCompleted(stage=REF, worker_id="w", checks=[nan, bound, good]))
    assert isinstance(event, Completed)
    assert event.checks == (judge("c\N{REPLACEMENT CHARACTER}", 2, "s", upper=1, seen="Long."),)


@pytest.mark.parametrize("message", [StageRequested(stage=REF), JobCancelled(job_id="v")])
def test_any_other_message_is_refused(message: Message):
    with pytest.raises(InvalidArgument, match="is not a stage status"):
        stage_event(message)


def test_a_command_contains_everything_that_its_worker_needs():
    points = {"left_eye": (1.5, 2.0)}
    scene = SceneSpec(
        portrait=SPEECH,
        speech=ScriptSpec("Hi.", TTS, "en-us"),
        engine=VIDEO,
        landmarks=points,
        prompt="Slowly.",
        emotion=Emotion.SAD,
    )
    output = OutputSpec(512, 600, MUX, fps=30, seed=2**63 - 1)
    planned = plan_scene(0, scene, VideoSpec((scene,), output)).stages[-1]
    stage = build_stage(
        service="video", engine="puppet", parameters=planned.parameters, attempt=2, action_key="k"
    )
    envelope = stage_requested(stage, {"portrait": SPEECH}, TRACE)
    assert (envelope.subject, envelope.headers["traceparent"]) == ("likeness.stages.v1.video.puppet", TRACE)
    message = unpack(envelope)
    assert isinstance(message, StageRequested)
    assert message.stage == StageRef(
        workspace_id="default", job_id="video_1", stage_id="id-scene-0/tts", attempt=2
    )
    assert (message.engine, message.action_key, message.timeout_seconds) == ("puppet", "k", 600)
    assert {name: artifact_from_proto(each) for name, each in message.inputs.items()} == {"portrait": SPEECH}
    task = RenderingTask()
    assert message.task.Unpack(task)
    assert (task.width, task.height, task.fps, task.seed) == (512, 600, 30, 2**63 - 1)
    assert (task.landmarks.left_eye.x, task.landmarks.left_eye.y, task.prompt) == (1.5, 2.0, "Slowly.")
    assert task.emotion == "sad"


def test_each_command_has_an_id_of_its_own():
    """Otherwise the bus would drop the second attempt as a duplicate of the first."""
    first, second = (stage_requested(build_stage(), {}, None) for _ in range(2))
    assert first.id != second.id


def test_a_cancellation_names_its_job():
    cancelled = job_cancelled(build_record(traceparent=TRACE))
    assert (cancelled.subject, cancelled.headers["traceparent"]) == ("likeness.cancel.v1", TRACE)
    assert unpack(cancelled) == JobCancelled(workspace_id="default", job_id="video_1")
    assert unpack(deleted_job_cancelled("v")) == JobCancelled(job_id="v")


def test_a_cancellation_of_one_execution_names_its_worker():
    envelope = stage_cancelled(build_record(traceparent=TRACE), Abandoned("s", 2, "w"))
    ref = StageRef(workspace_id="default", job_id="video_1", stage_id="s", attempt=2)
    assert (envelope.subject, envelope.headers["traceparent"]) == ("likeness.cancel.v1", TRACE)
    assert unpack(envelope) == StageCancelled(stage=ref, worker_id="w")


def test_an_undeliverable_command_fails_its_stage():
    envelope = stage_requested(build_stage(attempt=2), {}, None)
    failure = Failure(Reason.INVALID_ARGUMENT, "No worker could be asked for it. Too big.")
    assert command_failure(envelope, "Too big.") == ("video_1", Failed("id-scene-0/tts", 2, "", failure))


def test_any_other_undeliverable_message_fails_no_stage():
    assert command_failure(job_cancelled(build_record()), "Too big.") is None
