"""The floor on NATS: PostgreSQL holds the truth, transitions are committed in groups."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "nats", database=True)
