"""The jobs that a run submits, each drawn from the seed, and what must become of each."""

import random
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.chaos.engines.order import CRASHES, HANG, MEMORY, Behaviour, Order

SECONDS = {"tts": (0.3, 1.0), "voice": (0.2, 0.8), "video": (1.0, 4.0), "mux": (0.2, 0.5)}
PASSING_FAULTS = (*CRASHES, MEMORY, HANG, "store_unavailable", "engine_unavailable")
LASTING_FAULTS = ("invalid_argument", "media_unreadable", "internal")
FOR_EVER = 1_000_000


class Fate(Enum):
    """What we do to the video while it is under way, or after."""

    NONE = "none"
    CANCEL = "cancel"
    DELETE = "delete"
    TWIN = "twin"
    """Asked for a second time, word for word, while the first is under way."""


@dataclass(slots=True)
class Job:
    """`failure` is the reason that its script makes it fail for; empty if it must complete."""

    id: str
    workspace: int
    scenes: list[dict[str, Any]]
    number: int = 0
    failure: str = ""
    no_cache: bool = False
    fate: Fate = Fate.NONE
    fate_after: float = 0.0
    batch: bool = False
    """Submitted with others: whatever interactive waits goes first."""
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
        """From its submission to its end."""
        return self.finished_at - self.submitted_at

    @property
    def ended_as_it_must(self) -> bool:
        if self.deleted:
            return True
        if self.cancelled_at:
            return self.status == "cancelled"
        return (self.status, self.error) == (("failed", self.failure) if self.failure else ("completed", ""))


def draw_job(seed: int, number: int, *, run: str, workspaces: int, pace: float) -> Job:
    """`run` makes the job's id unique among runs; `pace` multiplies all durations."""
    dice = random.Random(f"{seed}/{number}")
    job_id = f"{run}-{number}"
    scenes = 1 if dice.random() < 0.75 else dice.randint(2, 4)
    failure = dice.choice(LASTING_FAULTS) if dice.random() < 0.03 else ""
    broken = dice.randrange(scenes) if failure else None
    orders = [
        draw_order(dice, job_id, scene, pace, failure if scene == broken else "") for scene in range(scenes)
    ]
    fate = dice.choices(tuple(Fate), (88, 6, 3, 3))[0]
    return Job(
        id=job_id,
        workspace=dice.randrange(workspaces),
        scenes=[scene_request(dice, order) for order in orders],
        number=number,
        failure=failure,
        no_cache=dice.random() < 0.05,
        fate=fate,
        fate_after=dice.uniform(0.0, 20.0) * pace,
    )


def draw_order(dice: random.Random, job: str, scene: int, pace: float, failure: str) -> Order:
    behaviours = {
        service: Behaviour(round(dice.uniform(*span) * pace, 3)) for service, span in SECONDS.items()
    }
    if failure:
        behaviours["video"] = Behaviour(behaviours["video"].seconds, failure, FOR_EVER)
    elif dice.random() < 0.12:
        service = dice.choice(("tts", "video", "mux") if scene == 0 else ("tts", "video"))
        fault = dice.choice(PASSING_FAULTS)
        runs = 1 if fault == HANG else dice.choice((1, 1, 2))
        behaviours[service] = Behaviour(behaviours[service].seconds, fault, runs)
    return Order(job, scene, behaviours)


def scene_request(dice: random.Random, order: Order) -> dict[str, Any]:
    scene: dict[str, Any] = {"script": order.text, "prompt": order.text}
    if dice.random() < 0.15:
        scene["conversion"] = {"engine": "scripted"}
    return scene
