"""What a job's script orders the scripted engines to do. Light: engine processes import it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

CRASHES = ("exit", "segfault")
HANG = "hang"
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`seconds` of work; halfway through the first `runs` of it, `fault` happens.

    A fault is one of `CRASHES`, `HANG`, `MEMORY` (much of it, and then too much), or a reason to fail for.
    """

    seconds: float = 0.1
    fault: str = ""
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """One scene of one job; the behaviours are of services."""

    job: str
    scene: int = 0
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)

    @property
    def text(self) -> str:
        told = {name: [each.seconds, each.fault, each.runs] for name, each in sorted(self.behaviours.items())}
        return json.dumps({"job": self.job, "scene": self.scene, **told}, sort_keys=True)

    def stage(self, service: str) -> str:
        """Names the stage in the record of runs."""
        return f"{self.job}/mux" if service == "mux" else f"{self.job}/scene-{self.scene}/{service}"


def read_order(text: str) -> Order:
    told = json.loads(text)
    job, scene = told.pop("job"), told.pop("scene")
    return Order(job, scene, {name: Behaviour(*each) for name, each in told.items()})
