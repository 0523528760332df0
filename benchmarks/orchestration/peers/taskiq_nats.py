"""TaskIQ on core NATS: fast, and what is lost is lost."""

import os

from taskiq_nats import NatsBroker

from benchmarks.orchestration.peers.taskiq_chain import running_broker, stage_of

broker = NatsBroker(os.environ["BENCH_NATS_URL"], queue="bench")
running = running_broker(broker, stage_of(broker), __name__)
