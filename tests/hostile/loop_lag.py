"""Reads from the gateway's metrics how often its event loop was held."""

import re

import httpx2

LIMIT = "0.1"
"""Bound of the histogram, in seconds, above which the loop may not be held."""
HELD = re.compile(r'^likeness_event_loop_held_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


def times_held(metrics: str) -> int:
    """Returns how often the loop was held for longer than the limit.

    The time that the process computed counts, and not the time that it waited for a processor: a machine that
    is busy with engines is no fault of the gateway's.
    """
    counts = {bound: float(count) for bound, count in HELD.findall(metrics)}
    return round(counts["+Inf"] - counts[LIMIT])


async def read_times_held(url: str) -> int:
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
        return times_held((await http.get("/metrics")).raise_for_status().text)
