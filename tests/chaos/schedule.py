"""Draws the schedule of faults from the seed. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.shape import Shape

INSTANT = (0.0, 0.0)
SETTLING_SECONDS = 3.0
"""Time after a fault in which nothing else happens to the same part."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault on one part of the stack. `at` counts from the start of the load; `seconds` is its duration."""

    at: float
    kind: str
    target: str
    seconds: float


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault with its weight, targets and range of durations; with `leases` they are in leases."""

    weight: int
    targets: str
    seconds: tuple[float, float] = INSTANT
    leases: bool = False


KINDS: Mapping[str, FaultKind] = {
    "kill worker": FaultKind(8, "workers"),
    "pause worker": FaultKind(5, "workers", (1.3, 3.0), leases=True),
    "slow worker": FaultKind(3, "workers", (2.0, 4.0), leases=True),
    "drain worker": FaultKind(3, "workers"),
    "kill engine": FaultKind(2, "workers"),
    "kill gateway": FaultKind(3, "gateways"),
    "pause gateway": FaultKind(2, "gateways", (1.3, 3.0), leases=True),
    "drain gateway": FaultKind(1, "gateways"),
    "kill broker": FaultKind(3, "broker", (0.0, 5.0)),
    "pause broker": FaultKind(1, "broker", (1.0, 2.0), leases=True),
    "wipe broker": FaultKind(2, "broker", (0.0, 2.0)),
    "kill postgres": FaultKind(2, "postgres", (0.0, 4.0)),
    "restart postgres": FaultKind(1, "postgres", (0.0, 2.0)),
    "pause postgres": FaultKind(1, "postgres", (1.0, 2.0), leases=True),
    "kill s3": FaultKind(2, "s3", (0.0, 5.0)),
    "pause s3": FaultKind(1, "s3", (1.0, 2.0), leases=True),
    "full s3": FaultKind(2, "s3", (2.0, 8.0)),
    "delete artifact": FaultKind(2, "artifacts"),
    "corrupt artifact": FaultKind(2, "artifacts"),
    "late completion": FaultKind(2, "statuses"),
}


def draw_schedule(seed: int, shape: Shape, *, seconds: float, faults: int) -> tuple[Fault, ...]:
    """Returns the given number of faults, spread over the time, no two at once on one part."""
    rng = random.Random(seed)
    targets = targets_of(shape)
    free_at: dict[str, float] = {}
    drawn: list[Fault] = []
    moments = sorted(rng.uniform(0.0, seconds) for _ in range(faults))
    for name, moment in zip(draw_kinds(rng, faults), moments, strict=True):
        fault = draw_fault(rng, shape, name, targets[KINDS[name].targets], free_at, moment)
        free_at[fault.target] = fault.at + fault.seconds + SETTLING_SECONDS
        drawn.append(fault)
    return tuple(sorted(drawn, key=lambda fault: fault.at))


def draw_kinds(rng: random.Random, faults: int) -> list[str]:
    """Draws kinds of faults: each at least once if there are enough, so that a short run covers all kinds."""
    once_each = list(KINDS) if faults >= len(KINDS) else []
    weights = [kind.weight for kind in KINDS.values()]
    return rng.sample([*once_each, *rng.choices(tuple(KINDS), weights, k=faults - len(once_each))], faults)


def draw_fault(
    rng: random.Random,
    shape: Shape,
    name: str,
    targets: Sequence[str],
    free_at: Mapping[str, float],
    moment: float,
) -> Fault:
    """Draws a fault on a target that has no other fault at the moment; later if all targets have one."""
    kind = KINDS[name]
    while not (free := [each for each in targets if free_at.get(each, 0.0) <= moment]):
        moment += SETTLING_SECONDS
    seconds = rng.uniform(*kind.seconds) * (shape.lease_seconds if kind.leases else 1.0)
    return Fault(round(moment, 2), name, rng.choice(free), round(seconds, 2))


def targets_of(shape: Shape) -> dict[str, tuple[str, ...]]:
    return {
        "workers": shape.worker_names,
        "gateways": shape.gateway_names,
        "broker": ("broker",),
        "postgres": ("postgres",),
        "s3": ("s3",),
        "artifacts": ("artifacts",),
        "statuses": ("statuses",),
    }
