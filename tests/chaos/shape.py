"""How big the stack under test is, and how short its patience."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SERVERS = ("broker", "postgres", "s3")


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
    retry_cap_seconds: float = 5.0
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
    retry_cap_seconds=2.0,
    skews={"video-1": 240.0},
)
"""For the test that everybody runs."""
