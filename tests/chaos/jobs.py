"""The jobs that a run submits, each drawn from the seed with its expected end."""

import random
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.chaos.engines.instructions import CRASHES, HANG, MEMORY, Behaviour, Instructions

SECONDS = {"tts": (0.3, 1.0), "voice": (0.2, 0.8), "video": (1.0, 4.0), "mux": (0.2, 0.5)}
PASSING_FAULTS = (*CRASHES, MEMORY, HANG, "store_unavailable", "engine_unavailable")
LASTING_FAULTS = ("invalid_argument", "media_unreadable", "internal")
FOR_EVER = 1_000_000


class ClientAction(Enum):
    """An action of the client on a job while it is under way, or after."""

    NONE = "none"
    CANCEL = "cancel"
    DELETE = "delete"
    DUPLICATE = "duplicate"
    """The same request is submitted again while the first job is under way."""


@dataclass(slots=True)
class Job:
    """A submitted job. `failure` is the reason for which it must fail; empty if it must complete."""

    id: str
    workspace: int
    scenes: list[dict[str, Any]]
    number: int = 0
    failure: str = ""
    no_cache: bool = False
    action: ClientAction = ClientAction.NONE
    action_after: float = 0.0
    batch: bool = False
    """The job was submitted in a batch: interactive jobs go first."""
    job_id: str = ""
    submitted_at: float = 0.0
    finished_at: float = 0.0
    status: str = "unsubmitted"
    error: str = ""
    cancelled_at: float = 0.0
    deleted: bool = False

    @property
    def ended(self) -> bool:
        return self.deleted or self.status in ("completed", "failed", "cancelled", "vanished")

    @property
    def seconds(self) -> float:
        """Seconds from submission to end."""
        return self.finished_at - self.submitted_at

    @property
    def ended_as_expected(self) -> bool:
        if self.deleted:
            return True
        if self.cancelled_at:
            return self.status == "cancelled"
        return (self.status, self.error) == (("failed", self.failure) if self.failure else ("completed", ""))


def draw_job(seed: int, number: int, *, run: str, workspaces: int, pace: float) -> Job:
    """Draws a job from the seed. `run` makes its id unique among runs; `pace` multiplies all durations."""
    rng = random.Random(f"{seed}/{number}")
    job_id = f"{run}-{number}"
    scenes = 1 if rng.random() < 0.75 else rng.randint(2, 4)
    failure = rng.choice(LASTING_FAULTS) if rng.random() < 0.03 else ""
    broken = rng.randrange(scenes) if failure else None
    scene_instructions = [
        draw_instructions(rng, job_id, scene, pace, failure if scene == broken else "")
        for scene in range(scenes)
    ]
    action = rng.choices(tuple(ClientAction), (88, 6, 3, 3))[0]
    return Job(
        id=job_id,
        workspace=rng.randrange(workspaces),
        scenes=[scene_request(rng, instructions) for instructions in scene_instructions],
        number=number,
        failure=failure,
        no_cache=rng.random() < 0.05,
        action=action,
        action_after=rng.uniform(0.0, 20.0) * pace,
    )


def draw_instructions(rng: random.Random, job: str, scene: int, pace: float, failure: str) -> Instructions:
    behaviours = {
        service: Behaviour(round(rng.uniform(*span) * pace, 3)) for service, span in SECONDS.items()
    }
    if failure:
        behaviours["video"] = Behaviour(behaviours["video"].seconds, failure, FOR_EVER)
    elif rng.random() < 0.12:
        service = rng.choice(("tts", "video", "mux") if scene == 0 else ("tts", "video"))
        fault = rng.choice(PASSING_FAULTS)
        runs = 1 if fault == HANG else rng.choice((1, 1, 2))
        behaviours[service] = Behaviour(behaviours[service].seconds, fault, runs)
    return Instructions(job, scene, behaviours)


def scene_request(rng: random.Random, instructions: Instructions) -> dict[str, Any]:
    scene: dict[str, Any] = {"script": instructions.text, "prompt": instructions.text}
    if rng.random() < 0.15:
        scene["conversion"] = {"engine": "scripted"}
    return scene
