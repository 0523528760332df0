"""Runs Debian's `redis-server` for one measurement. It appends its writes to disk once a second."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

from services.cli.stack.ports import LOOPBACK, free_loopback_ports
from services.cli.stack.process import ChildProcess, Command, until_ready

START_SECONDS = 10.0
STOP_STEPS = ((signal.SIGTERM, 5.0),)


class RedisServer:
    """A Redis server on loopback. Raises SystemExit if Redis is not installed."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise SystemExit("The peers need Redis. As root, run: apt-get install redis-server")
        self._folder = folder
        self._port = free_loopback_ports(1)[0]
        settings = {"bind": LOOPBACK, "port": self._port, "dir": folder, "appendonly": "yes", "save": ""}
        arguments = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        command = Command([program, *arguments], os.environ, folder.with_suffix(".log"))
        self._child = ChildProcess("redis", command)

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self._port}/0"

    async def start(self) -> None:
        self._folder.mkdir()
        await self._child.start()
        await until_ready(self._child, self._missing, START_SECONDS)

    async def stop(self) -> None:
        await self._child.stop(STOP_STEPS)

    async def _missing(self) -> str | None:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self._port)
        except OSError as error:
            return str(error)
        writer.close()
        return None
