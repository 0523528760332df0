"""The floor on RabbitMQ without a database: the broker alone is durable."""

from functools import partial

from benchmarks.orchestration.floors.running import floor

running = partial(floor, "rabbitmq", database=False)
