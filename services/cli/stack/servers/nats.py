"""Runs the message broker of the local stack: NATS with JetStream."""

import asyncio
import json
import os
import signal
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from services.cli.errors import StackError
from services.cli.stack.credentials import Credentials
from services.cli.stack.data_folder import create_private, write_private
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.process import ChildProcess, Command, until_ready
from services.cli.stack.servers.accounts import nats_login, nats_users

START_SECONDS = 120.0
GREETING_SECONDS = 1.0
PONG = b"PONG\r\n"
STOP_STEPS = ((signal.SIGTERM, 5.0),)
MAX_FILE_STORE_BYTES = 16 * 1024**3


class NatsServer:
    """A NATS server on loopback, without a monitoring port. Its owner and each service have a password."""

    name = "nats"

    def __init__(
        self, folder: Path, log: Path, credentials: Credentials, port: int, services: Sequence[str] = ()
    ) -> None:
        self._folder = folder
        self._services = services
        self._credentials = credentials
        self.ports = {"nats": port}
        config = folder / "nats.conf"
        self.child = ChildProcess(
            self.name,
            Command(
                argv=[wheel_script("nats-server"), "--config", config],
                environment=os.environ,
                log=log,
                death_signal=signal.SIGTERM,
            ),
        )

    @property
    def url(self) -> str:
        """The URL with the owner's user and password."""
        user, password = self._credentials.nats_user, self._credentials.nats_password
        return f"nats://{user}:{password}@{self.address}"

    def url_of(self, service: str) -> str:
        """Returns the URL with user and password of a service."""
        login = nats_login(self._credentials, service)
        return f"nats://{login['user']}:{login['password']}@{self.address}"

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.ports['nats']}"

    async def start(self) -> None:
        """Starts the server and returns once JetStream responds."""
        create_private(self._folder)
        # The server reads JSON as its own format, so its quoting rules are not needed.
        write_private(self._folder / "nats.conf", json.dumps(self._config(), indent=2) + "\n")
        await self.child.start()
        await until_ready(self.child, self._missing, START_SECONDS)

    async def stop(self) -> None:
        await self.child.stop(STOP_STEPS)

    def _config(self) -> dict[str, object]:
        return {
            "server_name": "likeness",
            "host": LOOPBACK,
            "port": self.ports["nats"],
            "authorization": {"users": nats_users(self._credentials, self._services)},
            "jetstream": {"store_dir": str(self._folder / "store"), "max_file_store": MAX_FILE_STORE_BYTES},
        }

    async def _missing(self) -> str | None:
        """Returns what is missing until JetStream responds; `None` if it does.

        The server greets clients once JetStream has its streams back, and only ours knows the password. The
        client's library is not used: its import takes longer than the server's start.
        """
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                reader, writer = await asyncio.open_connection(LOOPBACK, self.ports["nats"])
                try:
                    greeting = await reader.readline()
                    writer.write(f"CONNECT {json.dumps(self._login())}\r\nPING\r\n".encode())
                    answer = await reader.readline()
                finally:
                    writer.close()
        except (OSError, TimeoutError) as exc:
            return str(exc) or type(exc).__name__
        if not has_jetstream(greeting):
            return f"no JetStream in its greeting {greeting[:200]!r}"
        return None if answer == PONG else f"it answered {answer[:200]!r}"

    def _login(self) -> dict[str, object]:
        user, password = self._credentials.nats_user, self._credentials.nats_password
        return {"user": user, "pass": password, "verbose": False, "pedantic": False}


def has_jetstream(greeting: bytes) -> bool:
    """Tells whether the first line that a server sends, `INFO {…}`, says that JetStream is on."""
    word, _, options = greeting.partition(b" ")
    try:
        return word == b"INFO" and json.loads(options).get("jetstream") is True
    except ValueError:
        return False


def wheel_script(name: str) -> Path:
    """Returns the path of a program that a wheel has installed beside this Python.

    Raises StackError if it is not there.
    """
    script = Path(sysconfig.get_path("scripts")) / name
    if not script.exists():
        raise StackError(f"{script} is missing. Run `make demo`, which installs it, or `likeness doctor`.")
    return script
