"""Runs chains on TaskIQ with NATS JetStream: stored by the broker, pulled, acknowledged after they have run.

Without a timeout a pull waits until its batch is full. The push broker cannot be used: a process that only
submits takes part of the messages, too, and never handles them.
"""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import os

from taskiq_nats import PullBasedJetStreamBroker

from benchmarks.orchestration.peers.taskiq_chain import running_broker, stage_of

broker = PullBasedJetStreamBroker(
    os.environ["BENCH_NATS_URL"], pull_consume_batch=100, pull_consume_timeout=0.05
)
running = running_broker(broker, stage_of(broker), __name__)
