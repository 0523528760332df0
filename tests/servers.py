"""Real servers for tests: those of the local stack, each with its own port and data folder."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import aio_pika
import pytest

from services.chassis.bus.rabbitmq.bus import RabbitmqBus
from services.chassis.errors import BusUnavailable
from services.cli.stack.credentials import Credentials
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.process import ChildProcess, Command, until_ready
from services.cli.stack.servers.nats import NatsServer
from services.cli.stack.servers.postgres import FRUGAL, PostgresServer
from services.cli.stack.servers.seaweed import PORT_NAMES, SeaweedServer
from services.cli.stack.stack_services import service_names
from services.cli.stack.writes.nats_probe import NatsWriteProbe
from tests.ports import reserve_ports

RABBITMQ_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""Path of RabbitMQ's script. Debian's /usr/sbin/rabbitmq-server is for root and the machine's own broker."""
RABBITMQ_START_SECONDS = 180.0
RABBITMQ_STOP_SECONDS = 20.0
RABBITMQ_REFUSAL_SECONDS = 10.0


class NatsBroker:
    """A NATS server that can be stopped, killed and wiped, and started again under the same URL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        log = folder.with_suffix(".log")
        self._server = NatsServer(folder, log, Credentials(), reserve_ports(1)[0], service_names())
        self.name = self._server.name
        self.ports = self._server.ports
        self.child = self._server.child

    @property
    def url(self) -> str:
        return self._server.url

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def refusal(self) -> str | None:
        """Returns why the server does not store messages now; `None` if it does."""
        return await NatsWriteProbe(self.url).refusal()

    async def kill(self) -> None:
        assert self._server.child.pid is not None
        os.kill(self._server.child.pid, signal.SIGKILL)
        await self._server.child.wait()

    def wipe(self) -> None:
        """Deletes every message and stream; the server must not be running."""
        shutil.rmtree(self._folder / "store")


DEAD_LETTER_RETRY = "{dead_letter_worker_publisher_confirm_timeout, 15000}"
"""RabbitMQ setting: retries unconfirmed dead letters after 15 s, as the cluster in `deploy/k8s/` does."""


class RabbitmqBroker:
    """A RabbitMQ node of Debian's package with its own name server, on loopback; used as `NatsBroker`."""

    def __init__(self, folder: Path, *, consumer_timeout_seconds: float = 1800.0) -> None:
        self._folder = folder
        self._log = folder.with_suffix(".log")
        self._consumer_timeout = consumer_timeout_seconds
        self._port, self._node_port, names_port = reserve_ports(3)
        self._password = secrets.token_hex(16)
        self._environment = {
            **os.environ,
            "HOME": str(folder),  # for the cookie
            "ERL_EPMD_PORT": str(names_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_CRASH_DUMP_SECONDS": "0",
        }
        self._names = self._child("epmd", "epmd")
        self._node = self._child("rabbitmq", RABBITMQ_SERVER, **self._node_environment())
        self.name = "rabbitmq"
        self.ports = {"rabbitmq": self._port}
        self.child = self._node

    @property
    def url(self) -> str:
        return f"amqp://likeness:{self._password}@{LOOPBACK}:{self._port}/"

    async def start(self) -> None:
        require_rabbitmq()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        if not self._names.running:
            await self._names.start()
        await self._node.start()
        await until_ready(self._node, self._missing, RABBITMQ_START_SECONDS)

    async def stop(self) -> None:
        await self._node.stop(((signal.SIGTERM, RABBITMQ_STOP_SECONDS),))
        await self._names.stop(())

    async def refusal(self) -> str | None:
        """Returns why the node does not store messages now; `None` if it does. The local stack has none, so
        this takes the place of its operator's probe."""
        try:
            async with asyncio.timeout(RABBITMQ_REFUSAL_SECONDS):
                bus = await RabbitmqBus.connect(self.url, name="probe", lease_seconds=60)
                try:
                    await bus.check()
                finally:
                    await bus.close()
        except (BusUnavailable, TimeoutError) as error:
            return str(error) or f"no answer within {RABBITMQ_REFUSAL_SECONDS:g} s"
        return None

    async def kill(self) -> None:
        assert self._node.pid is not None
        os.kill(self._node.pid, signal.SIGKILL)
        await self._node.wait()

    def wipe(self) -> None:
        """Deletes every message, queue and exchange; the node must not be running."""
        shutil.rmtree(self._folder / "data")

    def _child(self, name: str, *argv: str, **environment: str) -> ChildProcess:
        return ChildProcess(name, Command(argv, {**self._environment, **environment}, self._log))

    def _node_environment(self) -> dict[str, str]:
        files = {
            "RABBITMQ_CONFIG_FILE": "rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": "advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": "generated",
            "RABBITMQ_MNESIA_BASE": "data",
            "RABBITMQ_LOG_BASE": "log",
            "RABBITMQ_PID_FILE": "pid",
        }
        return {
            **{name: str(self._folder / file) for name, file in files.items()},
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_NODENAME": f"likeness-{self._node_port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
            ),
            "detached": "1",  # its script becomes the node, instead of a shell in front of it
        }

    def _write_configuration(self) -> None:
        settings = {
            "listeners.tcp.local": f"{LOOPBACK}:{self._port}",
            "default_user": "likeness",
            "default_pass": self._password,
            "consumer_timeout": round(self._consumer_timeout * 1000),
            "log.file": "false",
            "log.console": "true",
            "log.console.level": "warning",
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self._folder / "rabbitmq.conf").write_text(lines)
        tick = round(min(60.0, self._consumer_timeout / 4) * 1000)
        advanced = f"{{channel_tick_interval, {tick}}}, {DEAD_LETTER_RETRY}"
        (self._folder / "advanced.config").write_text(f"[{{rabbit, [{advanced}]}}].\n")
        (self._folder / "enabled_plugins").write_text("[].\n")

    async def _missing(self) -> str | None:
        try:
            # Far cheaper than a client, and asked fifty times in a second while the node starts.
            _, writer = await asyncio.open_connection(LOOPBACK, self._port)
            writer.close()
        except OSError as error:
            return str(error)
        try:
            await (await aio_pika.connect(self.url, timeout=5)).close()
        except aio_pika.exceptions.CONNECTION_EXCEPTIONS as error:
            return str(error) or type(error).__name__
        return None


def require_rabbitmq() -> None:
    """Skips the test if RabbitMQ is not installed; fails it in CI."""
    if Path(RABBITMQ_SERVER).exists() and shutil.which("epmd"):
        return
    reason = "RabbitMQ is not installed: as root, run apt-get install rabbitmq-server."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


VOLATILE = {**FRUGAL, "fsync": "off", "full_page_writes": "off"}
"""PostgreSQL settings: nothing waits for the disk. What is committed outlives the server, not the machine."""


def build_store_server(folder: Path, credentials: Credentials) -> SeaweedServer:
    ports = dict(zip(PORT_NAMES, reserve_ports(len(PORT_NAMES)), strict=True))
    return SeaweedServer(folder, folder.with_suffix(".log"), credentials, ports, service_names())


def build_postgres(folder: Path, settings: Mapping[str, str] = FRUGAL) -> PostgresServer:
    return PostgresServer(folder, folder.with_suffix(".log"), settings)
