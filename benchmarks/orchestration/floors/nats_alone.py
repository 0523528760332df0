"""The floor on NATS without a database: the broker alone is durable."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "nats", database=False)
