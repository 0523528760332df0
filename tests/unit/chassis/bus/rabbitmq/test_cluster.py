"""The cluster check at start, against a fake management interface."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.chassis.bus.rabbitmq.cluster import check_cluster
from services.chassis.errors import BusUnavailable

THREE_NODES = [{"name": f"rabbit@{number}", "running": True} for number in range(3)]
SAFE_QUEUE = {"name": "likeness.dead", "type": "quorum", "members": ["a", "b", "c"]}
Serve = Callable[[list[dict[str, Any]], list[dict[str, Any]]], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def serve(nodes: list[dict[str, Any]], queues: list[dict[str, Any]]) -> str:
            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                request = (await reader.readuntil(b"\r\n\r\n")).decode()
                assert "Authorization: Basic dXNlcjpwYXNz" in request
                body = json.dumps(nodes if "/api/nodes?" in request else queues).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
                writer.close()

            server = await stack.enter_async_context(await asyncio.start_server(answer, "127.0.0.1"))
            port = server.sockets[0].getsockname()[1]
            return f"amqps://user:pass@unused/?management=http://127.0.0.1:{port}"

        yield serve


async def test_three_nodes_are_enough(serve: Serve) -> None:
    await check_cluster(await serve(THREE_NODES, [SAFE_QUEUE]))


async def test_two_nodes_are_not_enough(serve: Serve) -> None:
    with pytest.raises(BusUnavailable, match="on 2 of the 3 nodes"):
        await check_cluster(await serve([*THREE_NODES[:2], {"name": "rabbit@2", "running": False}], []))


async def test_a_queue_from_a_smaller_cluster_is_refused(serve: Serve) -> None:
    small = {**SAFE_QUEUE, "members": ["a"]}
    with pytest.raises(BusUnavailable, match=r"likeness\.dead is on fewer than 3 nodes"):
        await check_cluster(await serve(THREE_NODES, [small]))


async def test_queues_of_other_applications_are_not_checked(serve: Serve) -> None:
    others = [
        {"name": "orders", "type": "quorum", "members": ["a"]},
        {"name": "likeness.settled", "type": "classic"},
    ]
    await check_cluster(await serve(THREE_NODES, others))


async def test_the_management_interface_must_be_named() -> None:
    with pytest.raises(BusUnavailable, match="management"):
        await check_cluster("amqps://user:pass@host/")


async def test_a_management_interface_that_does_not_answer_is_reported() -> None:
    with pytest.raises(BusUnavailable, match="did not answer"):
        await check_cluster("amqps://user:pass@host/?management=http://127.0.0.1:9")
