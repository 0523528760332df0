"""Runs chains on TaskIQ with core NATS: fast, without storage or redelivery."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import os

from taskiq_nats import NatsBroker

from benchmarks.orchestration.peers.taskiq_chain import running_broker, stage_of

broker = NatsBroker(os.environ["BENCH_NATS_URL"], queue="bench")
running = running_broker(broker, stage_of(broker), __name__)
