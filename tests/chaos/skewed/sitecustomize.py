"""Skews the wall clock of a process that has this folder on its PYTHONPATH.

`CHAOS_CLOCK_SKEW` seconds are added to the time that the process reads. Its monotonic clock is
right, as on a machine with a wrong clock.
"""

import datetime
import os
import time

SKEW = float(os.environ["CHAOS_CLOCK_SKEW"])
REAL_TIME, REAL_TIME_NS = time.time, time.time_ns
RealDatetime = datetime.datetime


class AnyDatetime(type):
    """Accepts instances of the real class, which C code creates, as instances of this class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, RealDatetime)


class SkewedDatetime(RealDatetime, metaclass=AnyDatetime):
    """`datetime.datetime` with a skewed `now` and `utcnow`."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> RealDatetime:
        return RealDatetime.now(tz) + datetime.timedelta(seconds=SKEW)

    @classmethod
    def utcnow(cls) -> RealDatetime:
        return RealDatetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=SKEW)


time.time = lambda: REAL_TIME() + SKEW
time.time_ns = lambda: REAL_TIME_NS() + int(SKEW * 1e9)
datetime.datetime = SkewedDatetime
