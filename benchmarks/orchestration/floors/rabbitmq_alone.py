"""Runs the floor on RabbitMQ without a database: only the broker is durable."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "rabbitmq", database=False)
