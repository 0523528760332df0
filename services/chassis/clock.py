"""The current time as text: ISO 8601 in UTC, as messages and log lines carry it."""

import time
from functools import lru_cache


def utc_now(digits: int) -> str:
    """Returns the current time in UTC with `digits` decimal places of the second, at most nine."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{nanoseconds // 10 ** (9 - digits):0{digits}}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """Returns the time up to the second. Cached, as all calls within one second share it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
