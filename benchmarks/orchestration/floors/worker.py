"""Runs a floor's worker, which completes every stage at once: `python -m …floors.worker nats|rabbitmq`."""

import sys

import uvloop

from benchmarks.orchestration.floors import REQUESTS, STATUSES
from benchmarks.orchestration.floors.brokers import open_wire
from benchmarks.orchestration.floors.item_buffer import ItemBuffer
from benchmarks.orchestration.floors.wire import Received


async def work(broker: str) -> None:
    wire = await open_wire(broker)
    requests: ItemBuffer[Received] = ItemBuffer()
    await wire.receive(REQUESTS, requests.add)
    while True:
        received = await requests.take_all()
        await wire.send(STATUSES, [body for body, _ in received])
        for _, ack in received:
            await ack()


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1]))
