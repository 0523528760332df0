"""Runs the servers of one measurement: own processes on free loopback ports, with fresh data."""

import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from benchmarks.orchestration.redis import RedisServer
from services.cli.stack.credentials import Credentials
from services.cli.stack.servers.postgres import FRUGAL, PostgresServer
from tests.servers import NatsBroker, build_store_server

BUSES = ("nats", "rabbitmq")
AS_SHIPPED = {"shared_buffers": "128MB", "max_wal_size": "1GB"}
"""PostgreSQL's own defaults, where the local stack is more frugal."""


class Server(Protocol):
    """A server that can be started and stopped."""

    @property
    def url(self) -> str: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@asynccontextmanager
async def serving(names: Sequence[str]) -> AsyncGenerator[dict[str, str]]:
    """Runs the servers and yields the environment variables that hold their addresses."""
    environment: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="likeness-bench-")))
        environment["BENCH_FINISHED_PIPE"] = str(folder / "finished")
        for name in names:
            environment |= await start(name, folder / name, stack)
        yield environment


async def start(name: str, folder: Path, stack: AsyncExitStack) -> dict[str, str]:
    """Starts a server, which `stack` stops, and returns the variables that hold its address and keys."""
    if name == "s3":
        credentials = Credentials()
        store = build_store_server(folder, credentials)
        await store.start()
        stack.push_async_callback(store.stop)
        return {
            "LIKENESS_S3_ENDPOINT": store.url,
            "LIKENESS_S3_ACCESS_KEY": credentials.s3_access_key,
            "LIKENESS_S3_SECRET_KEY": credentials.s3_secret_key,
        }
    server = build_server(name, folder)
    await server.start()
    stack.push_async_callback(server.stop)
    bus = {"LIKENESS_BUS_URL": server.url} if name in BUSES else {}
    return {f"BENCH_{name.upper()}_URL": server.url, **bus}


def build_server(name: str, folder: Path) -> Server:
    """Builds a server by its name. Raises ValueError for an unknown one."""
    match name:
        case "nats":
            return NatsBroker(folder)
        case "postgres":
            return PostgresServer(folder, folder.with_suffix(".log"), FRUGAL | AS_SHIPPED)
        case "redis":
            return RedisServer(folder)
        case "rabbitmq":
            from tests.servers import RabbitmqBroker

            return RabbitmqBroker(folder)
        case _:
            raise ValueError(f"no server {name!r}")
