"""How big the stack under test is, and how short its patience."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MANY_RETRIES = MappingProxyType(
    {"worker_lost": 12, "engine_crashed": 8, "out_of_memory": 8, "timed_out": 6, "artifact_missing": 6}
)
"""Faults are a hundred times as dense as in life: one job may meet many."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`workers` counts processes of each service, each with `concurrency` stages at once.

    The workers named in `skews` believe that it is so many seconds later than it is.
    """

    gateways: int = 2
    workers: Mapping[str, int] = field(default_factory=lambda: {"tts": 2, "voice": 1, "video": 3, "mux": 2})
    concurrency: int = 4
    lease_seconds: float = 4.0
    stage_timeout_seconds: float = 20.0
    queue_seconds: float = 5.0
    retry_pace: float = 0.2
    retry_limits: Mapping[str, int] = field(default_factory=lambda: dict(MANY_RETRIES))
    worker_timeout_seconds: float = 12.0
    skews: Mapping[str, float] = field(default_factory=lambda: {"video-2": 240.0, "tts-1": -240.0})
    log_level: str = "warning"

    @property
    def gateway_names(self) -> tuple[str, ...]:
        return tuple(f"gateway-{number}" for number in range(self.gateways))

    @property
    def worker_names(self) -> tuple[str, ...]:
        return tuple(
            f"{service}-{number}" for service, count in self.workers.items() for number in range(count)
        )


SMALL = Shape(
    workers={"tts": 1, "voice": 1, "video": 2, "mux": 1},
    concurrency=2,
    lease_seconds=2.0,
    stage_timeout_seconds=6.0,
    queue_seconds=3.0,
    skews={"video-1": 240.0},
)
"""For the test that everybody runs."""


def as_shipped(workers: Mapping[str, int], concurrency: int) -> Shape:
    """With the settings that the product has by default."""
    return Shape(
        workers=workers,
        concurrency=concurrency,
        lease_seconds=60.0,
        stage_timeout_seconds=1800.0,
        queue_seconds=15.0,
        retry_pace=1.0,
        retry_limits={},
        worker_timeout_seconds=20.0,
        skews={},
    )
