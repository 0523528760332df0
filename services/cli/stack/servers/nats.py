"""Runs the message broker of the local stack: NATS with JetStream."""

import json
import os
import signal
import sysconfig
from pathlib import Path

from services.cli.errors import StackError
from services.cli.stack.credentials import Credentials
from services.cli.stack.data_folder import create_private, write_private
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.process import ChildProcess, Command, until_ready

START_SECONDS = 20.0
STOP_STEPS = ((signal.SIGTERM, 5.0),)
MAX_FILE_STORE_BYTES = 16 * 1024**3


class NatsServer:
    """A NATS server that listens on loopback for one user with a password, without a monitoring port."""

    name = "nats"

    def __init__(self, folder: Path, log: Path, credentials: Credentials, port: int) -> None:
        self._folder = folder
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
        """The URL with user and password."""
        user, password = self._credentials.nats_user, self._credentials.nats_password
        return f"nats://{user}:{password}@{self.address}"

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
            "authorization": {
                "user": self._credentials.nats_user,
                "password": self._credentials.nats_password,
            },
            "jetstream": {"store_dir": str(self._folder / "store"), "max_file_store": MAX_FILE_STORE_BYTES},
        }

    async def _missing(self) -> str | None:
        """Returns what is missing until JetStream responds; `None` if it does."""
        import nats
        import nats.errors

        async def collect(error: Exception) -> None:
            failures.append(error)

        failures: list[Exception] = []
        try:
            connection = await nats.connect(  # pyright: ignore[reportUnknownMemberType] - untyped options
                self.url,
                allow_reconnect=False,
                connect_timeout=1,
                reconnect_time_wait=0,
                error_cb=collect,
            )
            jetstream = connection.jetstream(timeout=1)  # pyright: ignore[reportUnknownMemberType] - as above
            try:
                await jetstream.account_info()
            finally:
                await connection.close()
        except (nats.errors.Error, OSError, TimeoutError) as exc:
            return str(failures[-1] if failures else exc) or type(exc).__name__
        return None


def wheel_script(name: str) -> Path:
    """Returns the path of a program that a wheel has installed beside this Python.

    Raises StackError if it is not there.
    """
    script = Path(sysconfig.get_path("scripts")) / name
    if not script.exists():
        raise StackError(f"{script} is missing. Run `make demo`, which installs it, or `likeness doctor`.")
    return script
