"""Builders of records for the gateway's tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.chassis.engine_api.effects import Effect, EffectAmount, EffectPreset, EffectStep
from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Voice
from services.chassis.errors import Reason
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.models import Job, JobRecord, JobStatus, Stage, StageOutput, StageState
from services.gateway.jobs.domain.retry import BACKOFFS, Backoff, RetryPolicy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BACKOFF = Backoff(limit=3, base_seconds=1, cap_seconds=60)
POLICY = RetryPolicy(
    lease_seconds=90,
    queue_seconds=15,
    grace_seconds=30,
    backoffs=dict.fromkeys(BACKOFFS, BACKOFF)
    | {
        Reason.WORKER_LOST: Backoff(3, 0, 0),
        Reason.OUT_OF_MEMORY: replace(BACKOFF, limit=BACKOFFS[Reason.OUT_OF_MEMORY].limit),
    },
)

TTS = EngineSpec(
    "tts",
    "espeak",
    "1",
    voices=(Voice("en-us", "American", "en-US"), Voice("de", "German", "de")),
    limits=EngineLimits(max_characters=1000),
)
VOICE = EngineSpec("voice", "world", "1", operations=("convert",))
UP = EffectStep("pitch", {"semitones": 6.0})
EFFECTS = EngineSpec(
    "voice",
    "effects",
    "1",
    operations=("effects",),
    effects=(
        Effect("pitch", "Moves the pitch.", (EffectAmount("semitones", -12, 12, 0),)),
        Effect(
            "echo",
            "Comes back.",
            (EffectAmount("delay_seconds", 0, 1, 0.2), EffectAmount("gain_db", -40, 0, -6)),
        ),
    ),
    presets=(EffectPreset("chipmunk", "Small.", (UP,)),),
)
ALIGNER = EngineSpec("voice", "sphinx", "1", operations=("align",))
ANY_VOICE = replace(EFFECTS, name="any", operations=("convert", "effects", "align", "transcribe"))
VIDEO = EngineSpec("video", "puppet", "1")
SILENT_VIDEO = EngineSpec("video", "wan", "1", needs_audio=False)
MUX = EngineSpec("mux", "ffmpeg", "1", operations=("assemble", "assemble_audio"))


def build_artifact(name: str, media_type: str = "audio/wav") -> Artifact:
    return Artifact(key=f"default/sha256/{name}", sha256=name, media_type=media_type, size_bytes=1)


def build_stage(name: str = "scene-0/tts", service: str = "tts", **changes: Any) -> Stage:
    stage = Stage(
        id=f"id-{name}",
        job_id="video_1",
        workspace_id="default",
        ordinal=0,
        name=name,
        service=service,
        engine="engine",
        engine_version="1",
        parameters={},
        inputs={},
        timeout_seconds=600,
        turn_at=NOW,
    )
    return replace(stage, **changes)


def build_record(**changes: Any) -> JobRecord:
    record = JobRecord(
        id="video_1",
        kind="video",
        workspace_id="default",
        status=JobStatus.QUEUED,
        spec={"model": "puppet", "prompt": "Hello", "width": 512, "height": 600},
        created_at=NOW,
    )
    return replace(record, **changes)


def build_job(**states: StageState) -> Job:
    """A job of one scene: `tts`, `video` and `mux` in the given states, with outputs where completed."""
    chain = {
        "tts": build_stage("scene-0/tts", "tts"),
        "video": build_stage(
            "scene-0/video",
            "video",
            inputs={"portrait": build_artifact("p"), "speech": StageOutput("scene-0/tts", "speech")},
        ),
        "mux": build_stage("mux", "mux", inputs={"video.0": StageOutput("scene-0/video", "video")}),
    }
    outputs = {"tts": "speech", "video": "video", "mux": "video"}
    stages: list[Stage] = []
    for name, stage in chain.items():
        state = states.get(name, StageState.WAITING)
        done = {outputs[name]: build_artifact(f"{name}-out")} if state is StageState.COMPLETED else {}
        stages.append(replace(stage, state=state, outputs=done, progress=float(bool(done))))
    return Job(build_record(), tuple(stages))
