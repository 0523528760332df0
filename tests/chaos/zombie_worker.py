"""A zombie worker: reports stages as completed that ended long ago."""

import json
import random

from asyncpg import Record

from likeness.jobs.v1.artifact_pb2 import Artifact
from likeness.jobs.v1.stages_pb2 import StageCompleted, StageRef
from services.chassis.bus.codec import pack
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import status_subject
from tests.chaos.database import Database
from tests.chaos.stack import ChaosStack
from tests.conformance.bus.harness import CONNECTS
from tests.conformance.bus.operations import publish_with_retries

NAME = "zombie"
MAX_COMPLETIONS = 5
LEASE_SECONDS = 60.0
ENDED = """
SELECT id, job_id, workspace_id, service, attempt, outputs::text FROM stages
WHERE state IN ('completed', 'failed', 'cancelled') ORDER BY id LIMIT 200
"""


class ZombieWorker:
    """Publishes late completions of random ended stages."""

    def __init__(self, stack: ChaosStack, database: Database, rng: random.Random) -> None:
        self._stack = stack
        self._database = database
        self._rng = rng

    async def complete_again(self) -> None:
        """Reports some ended stages as completed; returns when the broker has confirmed all reports."""
        rows = await self._database.fetch(ENDED)
        bus = await CONNECTS[self._stack.bus](self._stack.broker.url, LEASE_SECONDS)
        try:
            for row in self._rng.sample(rows, min(MAX_COMPLETIONS, len(rows))):
                await publish_with_retries(bus, completion_of(row))
        finally:
            await bus.close()


def completion_of(row: Record) -> Envelope:
    """Returns a completion with the outputs that the stage has: it must not change anything."""
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
