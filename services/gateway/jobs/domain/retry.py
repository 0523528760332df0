"""The retry policy of stages: how often a failed stage runs again, and after how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.chassis.errors import Reason


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter. A stage is given up when it has failed `limit` times for the
    reason."""

    limit: int
    base_seconds: float
    cap_seconds: float

    def adjusted(self, limit: int | None, pace: float) -> "Backoff":
        """Returns a copy with the limit, if one is given, and with every delay times `pace`."""
        return Backoff(limit or self.limit, self.base_seconds * pace, self.cap_seconds * pace)

    def delay(self, failures: int, jitter: float) -> timedelta:
        """Returns the delay after the n-th failure, from 1 on; `jitter` is uniform in [0, 1)."""
        exponent = min(failures - 1, 30)
        return timedelta(seconds=jitter * min(self.cap_seconds, self.base_seconds * 2**exponent))


OUTAGE = Backoff(limit=120, base_seconds=1, cap_seconds=60)
"""Backoff for outages that stages can do nothing about: nearly an hour in all, on average."""
BACKOFFS: Mapping[str, Backoff] = {
    Reason.ENGINE_UNAVAILABLE: Backoff(limit=10, base_seconds=2, cap_seconds=60),
    Reason.ARTIFACT_MISSING: Backoff(limit=3, base_seconds=1, cap_seconds=10),
    Reason.ENGINE_CRASHED: Backoff(limit=4, base_seconds=1, cap_seconds=60),
    Reason.OUT_OF_MEMORY: Backoff(limit=2, base_seconds=5, cap_seconds=60),
    Reason.TIMED_OUT: Backoff(limit=2, base_seconds=1, cap_seconds=10),
    Reason.WORKER_LOST: Backoff(limit=4, base_seconds=0, cap_seconds=0),
    Reason.STORE_UNAVAILABLE: OUTAGE,
    Reason.BUS_UNAVAILABLE: OUTAGE,
}
"""Backoff by reason. Any other reason is an error that a second attempt would meet again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Timeouts and backoff of stages.

    A running stage is lost after `lease_seconds` without a report: longer than the bus takes to deliver it
    again. The command of a queued stage is suspect after `queue_seconds` without a start. The gateway ends a
    stage whose worker has not ended it `grace_seconds` after its engine's limit.
    """

    lease_seconds: float
    queue_seconds: float
    grace_seconds: float
    backoffs: Mapping[str, Backoff]

    def next_delay(self, reason: str, failures: int, jitter: float) -> timedelta | None:
        """Returns the delay before the next attempt after the n-th failure for this reason.

        Returns `None` when attempts are exhausted.
        """
        backoff = self.backoffs.get(reason)
        if backoff is None or failures >= backoff.limit:
            return None
        return backoff.delay(failures, jitter)
