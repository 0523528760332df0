"""A wall clock that is wrong, for a process that has this folder on its PYTHONPATH.

`CHAOS_CLOCK_SKEW` seconds are added to what the process believes to be the time. Its monotonic clock is
right, as on a machine with a wrong clock.
"""

import datetime
import os
import time

SKEW = float(os.environ["CHAOS_CLOCK_SKEW"])
RIGHT_TIME, RIGHT_TIME_NS = time.time, time.time_ns
RightDatetime = datetime.datetime


class AnyDatetime(type):
    """What C code makes is of the right class, and must pass for one of this class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, RightDatetime)


class SkewedDatetime(RightDatetime, metaclass=AnyDatetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> RightDatetime:
        return RightDatetime.now(tz) + datetime.timedelta(seconds=SKEW)

    @classmethod
    def utcnow(cls) -> RightDatetime:
        return RightDatetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=SKEW)


time.time = lambda: RIGHT_TIME() + SKEW
time.time_ns = lambda: RIGHT_TIME_NS() + int(SKEW * 1e9)
datetime.datetime = SkewedDatetime
