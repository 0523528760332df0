"""Runs chains on Dramatiq with RabbitMQ: durable queues and confirmed publishes."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import os

from dramatiq.brokers.rabbitmq import RabbitmqBroker

from benchmarks.orchestration.peers.dramatiq_chain import running_actor, stage_of

broker = RabbitmqBroker(url=os.environ["BENCH_RABBITMQ_URL"], confirm_delivery=True)
running = running_actor(stage_of(broker), __name__)
