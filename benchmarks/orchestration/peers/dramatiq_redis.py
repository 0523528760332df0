"""Dramatiq on Redis."""

import os

from dramatiq.brokers.redis import RedisBroker

from benchmarks.orchestration.peers.dramatiq_chain import running_actor, stage_of

broker = RedisBroker(url=os.environ["BENCH_REDIS_URL"])
running = running_actor(stage_of(broker), __name__)
