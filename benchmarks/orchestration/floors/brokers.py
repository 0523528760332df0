"""Opens the wire of a broker by its name."""

import os

from benchmarks.orchestration.floors.wire import Wire


async def open_wire(broker: str) -> Wire:
    """Returns an open wire to `nats` or `rabbitmq`, at the address in the environment."""
    wire: Wire
    if broker == "nats":
        from benchmarks.orchestration.floors.nats_wire import NatsWire

        wire = NatsWire()
    else:
        from benchmarks.orchestration.floors.rabbitmq_wire import RabbitmqWire

        wire = RabbitmqWire()
    await wire.open(os.environ[f"BENCH_{broker.upper()}_URL"])
    return wire
