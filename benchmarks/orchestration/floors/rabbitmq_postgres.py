"""The floor on RabbitMQ: PostgreSQL holds the truth, transitions are committed in groups."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "rabbitmq", database=True)
