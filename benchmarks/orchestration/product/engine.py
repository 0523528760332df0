"""Defines the engine of the benchmark, which does no work and stores no file."""

import hashlib
from collections.abc import AsyncGenerator, Mapping

from google.protobuf.message import Message

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.storage import Artifact
from services.chassis.worker.runner import StageOutcome

SERVICE = "tts"
OUTPUT = "speech"
SPEC = EngineSpec(service=SERVICE, name="noop", version="1", limits=EngineLimits(stage_timeout_seconds=600))


class NoopRunner:
    """A replacement of `StageRunner` without an engine process and without the object store."""

    service = SERVICE
    task_type = SynthesisTask

    async def run(
        self, workspace_id: str, engine: str, task: Message, inputs: Mapping[str, Artifact]
    ) -> AsyncGenerator[Progress | StageOutcome]:
        """Yields an artifact whose key is the hash of the task."""
        digest = hashlib.sha256(task.SerializeToString()).hexdigest()
        key = f"{workspace_id}/sha256/{digest[:2]}/{digest}"
        yield StageOutcome({OUTPUT: Artifact(key, digest, "audio/wav", 1)}, media_seconds=1.0)
