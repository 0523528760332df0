"""The real servers that tests run against: those of the local stack, each on a port and data of its own."""

import os
import shutil
import signal
from pathlib import Path

from services.cli.stack.credentials import Credentials
from services.cli.stack.nats import NatsServer
from services.cli.stack.ports import free_loopback_ports
from services.cli.stack.postgres import PostgresServer
from services.cli.stack.seaweed import PORT_NAMES, SeaweedServer


class NatsBroker:
    """A broker that can be stopped, killed and wiped, and started again under the same URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        log = folder.with_suffix(".log")
        self._server = NatsServer(folder, log, Credentials(), free_loopback_ports(1)[0])

    @property
    def url(self) -> str:
        return self._server.url

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def kill(self) -> None:
        assert self._server.child.pid is not None
        os.kill(self._server.child.pid, signal.SIGKILL)
        await self._server.child.wait()

    def wipe(self) -> None:
        """Lose every message and stream; it must not be running."""
        shutil.rmtree(self._folder / "store")


def build_store_server(folder: Path, credentials: Credentials) -> SeaweedServer:
    ports = dict(zip(PORT_NAMES, free_loopback_ports(len(PORT_NAMES)), strict=True))
    return SeaweedServer(folder, folder.with_suffix(".log"), credentials, ports)


def build_postgres(folder: Path) -> PostgresServer:
    return PostgresServer(folder, folder.with_suffix(".log"))
