"""A worker that nobody counts on any more, and that says it has completed what has long ended."""

import json
import random

from asyncpg import Record

from likeness.jobs.v1.artifact_pb2 import Artifact
from likeness.jobs.v1.stages_pb2 import StageCompleted, StageRef
from services.chassis.bus.codec import pack
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import status_subject
from tests.chaos.stack import ChaosStack
from tests.chaos.truth import Truth
from tests.conformance.bus.harness import CONNECTS
from tests.conformance.bus.operations import publish_with_retries

NAME = "zombie"
SAYS = 5
LEASE_SECONDS = 60.0
ENDED = """
SELECT id, job_id, workspace_id, service, attempt, outputs::text FROM stages
WHERE state IN ('completed', 'failed', 'cancelled') ORDER BY id LIMIT 200
"""


class Zombie:
    def __init__(self, stack: ChaosStack, truth: Truth, dice: random.Random) -> None:
        self._stack = stack
        self._truth = truth
        self._dice = dice

    async def speak(self) -> None:
        """Of some stages; returns when the broker has confirmed it all."""
        rows = await self._truth.fetch(ENDED)
        bus = await CONNECTS[self._stack.bus](self._stack.broker.url, LEASE_SECONDS)
        try:
            for row in self._dice.sample(rows, min(SAYS, len(rows))):
                await publish_with_retries(bus, claim(row))
        finally:
            await bus.close()


def claim(row: Record) -> Envelope:
    """With the outputs that the stage has: only who believes it changes anything."""
    outputs = {
        name: Artifact(**{field: each[field] for field in ("key", "sha256", "media_type", "size_bytes")})
        for name, each in json.loads(row["outputs"]).items()
    }
    stage = StageRef(
        workspace_id=row["workspace_id"],
        job_id=row["job_id"],
        stage_id=row["id"],
        attempt=row["attempt"],
    )
    completed = StageCompleted(stage=stage, worker_id=NAME, outputs=outputs)
    return pack(status_subject(row["service"]), completed, source=NAME)
