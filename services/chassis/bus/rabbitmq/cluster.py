"""Safety check of a RabbitMQ cluster in production, through its management interface.

AMQP does not report these facts to a client. The bus URL names the interface:
`amqps://…/?management=https://host:15671`.
"""

import asyncio
import base64
import json
import urllib.request
from typing import Any
from urllib.parse import quote

from yarl import URL

from services.chassis.bus.rabbitmq.topology import DEAD, GROUP_SIZE
from services.chassis.bus.subjects import STAGES, STATUS
from services.chassis.errors import BusUnavailable

ANSWER_SECONDS = 10.0


async def check_cluster(url: str) -> None:
    """Raises `BusUnavailable` unless three nodes run and every work queue is on three."""
    bus = URL(url.split(",")[0])
    management = bus.query.get("management")
    if not management:
        raise BusUnavailable(
            "In production the bus URL must name RabbitMQ's management interface "
            "(amqps://…/?management=https://host:15671), or set LIKENESS_ENVIRONMENT=dev."
        )
    nodes = await _get_json(bus, f"{management}/api/nodes?columns=name,running")
    running = [node["name"] for node in nodes if node.get("running")]
    if len(running) < GROUP_SIZE:
        raise BusUnavailable(
            f"RabbitMQ runs on {len(running)} of the {GROUP_SIZE} nodes that production needs: "
            "run it as a cluster, or set LIKENESS_ENVIRONMENT=dev."
        )
    virtual_host = quote(bus.path.removeprefix("/") or "/", safe="")
    queues = await _get_json(bus, f"{management}/api/queues/{virtual_host}?columns=name,type,members")
    for queue in queues:
        _check_queue(queue)


def _check_queue(queue: dict[str, Any]) -> None:
    """Raises `BusUnavailable` if the queue is one of the bus and on fewer nodes than required."""
    is_bus_queue = queue["name"].startswith((STAGES, STATUS, DEAD))
    if is_bus_queue and len(queue.get("members", ())) < GROUP_SIZE:
        raise BusUnavailable(
            f"The queue {queue['name']} is on fewer than {GROUP_SIZE} nodes: "
            "run `rabbitmq-queues grow` for each node that has none of it."
        )


async def _get_json(bus: URL, address: str) -> list[dict[str, Any]]:
    """Returns the answer of the management interface. Raises `BusUnavailable`."""
    credentials = f"{bus.user or ''}:{bus.password or ''}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}
    try:
        return await asyncio.to_thread(_get, urllib.request.Request(address, headers=headers))
    except (OSError, ValueError) as error:
        raise BusUnavailable(f"RabbitMQ's management interface did not answer: {error}.") from error


def _get(request: urllib.request.Request) -> list[dict[str, Any]]:
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
        return json.loads(response.read())
