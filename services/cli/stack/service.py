"""Runs a service as a process of the stack."""

import signal
from collections.abc import Mapping

from services.cli.stack.process import ChildProcess, Command

STOP_STEPS = ((signal.SIGTERM, 8.0),)


class ServiceProcess:
    """A service's process. Started means that it runs; the gateway tells later whether all are ready."""

    def __init__(self, name: str, command: Command, ports: Mapping[str, int]) -> None:
        self.name = name
        self.ports = dict(ports)
        self.child = ChildProcess(name, command)

    async def start(self) -> None:
        await self.child.start()

    async def stop(self) -> None:
        await self.child.stop(STOP_STEPS)
