"""Runs the floor on NATS with PostgreSQL, which stores all chains and commits transitions in groups."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "nats", database=True)
