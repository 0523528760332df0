"""Dramatiq on RabbitMQ, with durable queues and confirmed publishes."""

import os

from dramatiq.brokers.rabbitmq import RabbitmqBroker

from benchmarks.orchestration.peers.dramatiq_chain import running_actor, stage_of

broker = RabbitmqBroker(url=os.environ["BENCH_RABBITMQ_URL"], confirm_delivery=True)
running = running_actor(stage_of(broker), __name__)
