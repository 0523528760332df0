"""Runs chains on Dramatiq with Redis."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import os

from dramatiq.brokers.redis import RedisBroker

from benchmarks.orchestration.peers.dramatiq_chain import running_actor, stage_of

broker = RedisBroker(url=os.environ["BENCH_REDIS_URL"])
running = running_actor(stage_of(broker), __name__)
