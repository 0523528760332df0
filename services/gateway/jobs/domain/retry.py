"""When a failed stage is tried again: the one retry policy there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.chassis.errors import Reason


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential with full jitter. A stage may fail `limit` times for the reason before it is given up."""

    limit: int
    base_seconds: float
    cap_seconds: float

    def adjusted(self, limit: int | None, pace: float) -> "Backoff":
        """With another limit, if there is one, and every delay times `pace`."""
        return Backoff(limit or self.limit, self.base_seconds * pace, self.cap_seconds * pace)

    def delay(self, failures: int, jitter: float) -> timedelta:
        """After so many failures, from one on; `jitter` is uniform in [0, 1)."""
        exponent = min(failures - 1, 30)
        return timedelta(seconds=jitter * min(self.cap_seconds, self.base_seconds * 2**exponent))


OUTAGE = Backoff(limit=120, base_seconds=1, cap_seconds=60)
"""What stages can do nothing about: they wait it out for nearly an hour, on average."""
BACKOFFS: Mapping[str, Backoff] = {
    Reason.ENGINE_UNAVAILABLE: Backoff(limit=10, base_seconds=2, cap_seconds=60),
    Reason.ARTIFACT_MISSING: Backoff(limit=3, base_seconds=1, cap_seconds=10),
    Reason.ENGINE_CRASHED: Backoff(limit=4, base_seconds=1, cap_seconds=60),
    Reason.OUT_OF_MEMORY: Backoff(limit=3, base_seconds=5, cap_seconds=60),
    Reason.TIMED_OUT: Backoff(limit=2, base_seconds=1, cap_seconds=10),
    Reason.WORKER_LOST: Backoff(limit=4, base_seconds=0, cap_seconds=0),
    Reason.STORE_UNAVAILABLE: OUTAGE,
    Reason.BUS_UNAVAILABLE: OUTAGE,
}
"""By reason. Any other is an error that a second attempt would meet again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What the clock does to stages.

    `lease_seconds` without a sign of life make a running stage lost: longer than the bus takes to deliver
    it again. `queue_seconds` without a start make a queued stage's message suspect. A stage whose worker
    has not ended it `grace_seconds` after its engine's limit is ended from here.
    """

    lease_seconds: float
    queue_seconds: float
    grace_seconds: float
    backoffs: Mapping[str, Backoff]

    def next_delay(self, reason: str, failures: int, jitter: float) -> timedelta | None:
        """How long to wait after the reason's so-manieth failure; `None` if it was the last."""
        backoff = self.backoffs.get(reason)
        if backoff is None or failures >= backoff.limit:
            return None
        return backoff.delay(failures, jitter)
