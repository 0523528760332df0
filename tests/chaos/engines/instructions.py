"""Instructions for the scripted engines, carried in a job's script. Light: engine processes import it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

CRASHES = ("exit", "segfault")
HANG = "hang"
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Behaviour of one stage: it takes `seconds`; halfway through the first `runs` runs, `fault` happens.

    A fault is one of `CRASHES`, `HANG`, `MEMORY` (uses much, then raises MemoryError), or a failure's reason.
    """

    seconds: float = 0.1
    fault: str = ""
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Instructions:
    """Instructions for one scene of one job, with behaviours by service."""

    job: str
    scene: int = 0
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict[str, Behaviour])

    @property
    def text(self) -> str:
        data = {name: [each.seconds, each.fault, each.runs] for name, each in sorted(self.behaviours.items())}
        return json.dumps({"job": self.job, "scene": self.scene, **data}, sort_keys=True)

    def stage(self, service: str) -> str:
        """Returns the stage's name in the record of runs."""
        return f"{self.job}/mux" if service == "mux" else f"{self.job}/scene-{self.scene}/{service}"


def read_instructions(text: str) -> Instructions:
    data = json.loads(text)
    job, scene = data.pop("job"), data.pop("scene")
    return Instructions(job, scene, {name: Behaviour(*each) for name, each in data.items()})
