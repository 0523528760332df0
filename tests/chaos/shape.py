"""Shape of the stack under test: numbers of processes, and timeouts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MANY_RETRIES = MappingProxyType(
    {"worker_lost": 12, "engine_crashed": 8, "out_of_memory": 8, "timed_out": 6, "artifact_missing": 6}
)
"""Retry limits for runs in which faults are far denser than in production: one job may meet many."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size and timeouts of a stack. `workers` counts processes of each service, each with `concurrency`.

    The clocks of the workers named in `skews` are fast by the given seconds.
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
    supervised_servers: bool = False
    """Whether broker, database and store are started again like services, as in the local stack."""

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
"""The shape for the test that is part of `make test`."""


def as_shipped(workers: Mapping[str, int], concurrency: int) -> Shape:
    """Returns a shape with the product's default settings."""
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
