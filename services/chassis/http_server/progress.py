"""Judges whether a client sends or takes bytes fast enough."""

from services.chassis.http_server.limits import ConnectionLimits


class Progress:
    """Bytes that a client has sent of a body, or taken of a response, and when."""

    def __init__(self, now: float) -> None:
        self._begun = self._moved = self._seen = now
        self._done = 0

    def advance(self, count: int, now: float) -> None:
        self._done += count
        self._moved = now

    def excuse(self, now: float) -> None:
        """Leaves out the time since the last look: it was the application that did not read."""
        self._begun += now - self._seen
        self._moved = now

    def is_too_slow(self, now: float, limits: ConnectionLimits) -> bool:
        """Returns whether nothing has moved for too long, or too little since the beginning."""
        self._seen = now
        granted = limits.stall_seconds + self._done / limits.min_bytes_per_second
        return now - self._moved > limits.stall_seconds or now - self._begun > granted
