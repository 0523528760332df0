"""Runs the floor on RabbitMQ with PostgreSQL, which stores all chains and commits transitions in groups."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "rabbitmq", database=True)
