"""TaskIQ on NATS JetStream: tasks are stored by the broker, pulled, and acknowledged when they have run.

Without a timeout a pull waits until its batch is full. The push broker is no choice: whoever only submits
takes part of the messages, too, and lets them lie.
"""

import os

from taskiq_nats import PullBasedJetStreamBroker

from benchmarks.orchestration.peers.taskiq_chain import running_broker, stage_of

broker = PullBasedJetStreamBroker(
    os.environ["BENCH_NATS_URL"], pull_consume_batch=100, pull_consume_timeout=0.05
)
running = running_broker(broker, stage_of(broker), __name__)
