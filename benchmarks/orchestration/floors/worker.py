"""`python -m …floors.worker nats|rabbitmq`: does nothing, and says that it is done."""

import sys

import uvloop

from benchmarks.orchestration.floors import REQUESTS, STATUSES
from benchmarks.orchestration.floors.brokers import open_wire
from benchmarks.orchestration.floors.gathering import Gathering
from benchmarks.orchestration.floors.wire import Received


async def work(broker: str) -> None:
    wire = await open_wire(broker)
    requests: Gathering[Received] = Gathering()
    await wire.receive(REQUESTS, requests.add)
    while True:
        received = await requests.all()
        await wire.send(STATUSES, [body for body, _ in received])
        for _, ack in received:
            await ack()


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1]))
