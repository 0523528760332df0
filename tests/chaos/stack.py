"""Starts a real stack whose parts can each be killed, paused and restarted."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psutil

from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.service_list import worker_services
from services.cli.errors import StackError
from services.cli.stack.backoff import Restart
from services.cli.stack.credentials import Credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.environment import Backends, service_environment
from services.cli.stack.local_stack import CODE
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.process import ChildProcess, Command
from services.cli.stack.readiness import until_stack_ready
from services.cli.stack.servers.store_probe import BUCKET, StoreProbe
from services.cli.stack.service import ServiceProcess
from services.cli.stack.sockets import ServiceSockets
from services.cli.stack.stack_services import GATEWAY
from services.cli.stack.supervisor import Part, Supervisor
from services.cli.stack.writes.watch import Disk
from tests.chaos.recorder import RunRecorder
from tests.chaos.shape import Shape
from tests.ports import reserve_ports
from tests.servers import NatsBroker, build_postgres, build_store_server

HERE = Path(__file__).parent
RESTART_SECONDS = 0.3
BUSES = ("nats", "rabbitmq")
ENGINE_VARIABLES = (
    "CHAOS_CLOCK_SKEW",
    "CHAOS_RECORDER",
    "CHAOS_STAGE_TIMEOUT",
    "CHAOS_WORKER",
    "PYTHONPATH",
)


class Broker(Part, Protocol):
    """A message broker that can be killed, and wiped while it is down."""

    @property
    def url(self) -> str: ...

    async def refusal(self) -> str | None: ...

    async def kill(self) -> None: ...

    def wipe(self) -> None: ...


class ChaosStack:
    """Services are supervised; servers that a fault has killed are started again by that fault."""

    def __init__(self, root: Path, bus: str, shape: Shape) -> None:
        self.root = root
        self.bus = bus
        self.shape = shape
        self.credentials = Credentials()
        self.folder = DataFolder(root)
        for each in (root / "runs", root / "scratch", root / "tmp", self.folder.logs):
            each.mkdir(parents=True, exist_ok=True)
        self._recorder = RunRecorder(root / "runs")
        self.postgres = build_postgres(root / "postgres" / "data")
        self.broker = build_broker(bus, root / bus)
        self.s3 = build_store_server(root / "s3", self.credentials)
        ports = reserve_ports(len(shape.gateway_names))
        self.ports = dict(zip(shape.gateway_names, ports, strict=True))
        names = (*shape.gateway_names, *shape.worker_names)
        self.services = {name: self._build_service(name) for name in names}
        self.supervisor = Supervisor(self._log, lambda: None, plan=restart_soon)

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(f"http://{LOOPBACK}:{self.ports[name]}" for name in self.shape.gateway_names)

    async def start(self) -> None:
        """Returns once a video can be created. Call `stop` even if this fails."""
        await self._start_servers()
        await self._migrate()
        for service in self.services.values():
            await self.supervisor.start(service)
        for url in self.urls:
            await until_stack_ready(url, self.credentials.api_key, lambda _: 0, self.folder)

    async def stop_services(self) -> None:
        """Stops the services in order, with SIGTERM."""
        gateways = set(self.shape.gateway_names)
        for group in (gateways, self.services.keys() - gateways):
            await self.supervisor.stop([self.services[name] for name in group])

    async def stop(self) -> None:
        await self.stop_services()
        await self.supervisor.stop([self.broker, self.s3, self.postgres])
        self._recorder.close()

    def pid(self, name: str) -> int | None:
        """Returns the process id of a service; `None` if it does not run."""
        child = self.services[name].child
        return child.pid if child.running else None

    def processes(self, name: str) -> list[psutil.Process]:
        """Returns the processes of a part: all of a server, but of a service not its engines."""
        if name in self.services:
            pid = self.pid(name)
            return [psutil.Process(pid)] if pid is not None else []
        pid = {"postgres": self.postgres.child.pid, "s3": self.s3.child.pid}.get(name) or self._broker_pid()
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]

    def send(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to the part's processes. Ignores processes that have ended."""
        try:
            for process in self.processes(name):
                process.send_signal(number)
        except psutil.NoSuchProcess:
            pass

    def broken_services(self) -> list[str]:
        """Returns the supervisor's lines about services that have ended by themselves."""
        log = self.folder.log("supervisor")
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if "ended with status" in line and "status 0" not in line]

    async def kill_server(self, name: str) -> None:
        if name == "broker":
            await self.broker.kill()
        else:
            child = {"postgres": self.postgres.child, "s3": self.s3.child}[name]
            send_to(child, signal.SIGKILL)
            await child.wait()

    async def start_server(self, name: str) -> None:
        """Starts a server; retries while remains of the killed one are in the way."""
        start = {"broker": self.broker.start, "postgres": self.postgres.start, "s3": self.s3.start}[name]
        while True:
            try:
                return await start()
            except (StackError, OSError) as error:
                self._log(f"{name} did not start: {error}")
                await asyncio.sleep(RESTART_SECONDS)

    def _broker_pid(self) -> int:
        port = int(self.broker.url.rpartition(":")[2].partition("/")[0])
        for each in psutil.net_connections("tcp4"):
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
                return each.pid
        raise psutil.NoSuchProcess(0, "broker")

    async def _start_servers(self) -> None:
        if not self.shape.supervised_servers:
            await asyncio.gather(self.postgres.start(), self.broker.start(), self.s3.start())
            return
        start, s3_probe = self.supervisor.start, StoreProbe(self.s3.url, self.credentials)
        await asyncio.gather(
            start(self.postgres, Disk(self.root / "postgres")),
            start(self.broker, Disk(self.root / self.bus), self.broker.refusal),
            start(self.s3, Disk(self.root / "s3"), s3_probe.refusal),
        )

    async def _migrate(self) -> None:
        command = self._python("services.gateway.db.migrate", GATEWAY, "migrate")
        migration = ChildProcess("migrate", command)
        await migration.start()
        if status := await migration.wait():
            raise StackError(f"The migrations failed with status {status}:\n{migration.log_tail()}")

    def _build_service(self, name: str) -> ServiceProcess:
        service = service_of(name)
        module = f"services.{GATEWAY}" if service == GATEWAY else worker_services()[service].module
        return ServiceProcess(name, self._python(module, service, name), {})

    def _sockets_of(self, name: str) -> ServiceSockets:
        """Returns the sockets of a worker; for a gateway those of the first worker of each service."""
        number = name.rpartition("-")[2] if service_of(name) in worker_services() else "0"
        sockets = ServiceSockets.below(self.root / number)
        sockets.create()
        return sockets

    def _python(self, module: str, service: str, name: str) -> Command:
        keys = self.credentials.s3_access_key, self.credentials.s3_secret_key
        backends = Backends(self.postgres.url, self.broker.url, self.s3.url, BUCKET, *keys)
        port = self.ports.get(name, 0)
        environment = service_environment(
            service, backends, self.credentials, port, self._sockets_of(name), "", os.environ
        )
        return Command(
            argv=[sys.executable, "-m", module],
            environment=environment | self._timing_settings() | self._engine_settings(name),
            log=self.folder.log(name),
            folder=CODE,
        )

    def _timing_settings(self) -> dict[str, str]:
        shape = self.shape
        return {
            "LIKENESS_LEASE_SECONDS": str(shape.lease_seconds),
            "LIKENESS_WORKER_TIMEOUT_SECONDS": str(shape.worker_timeout_seconds),
            "LIKENESS_RETRY_PACE": str(shape.retry_pace),
            "LIKENESS_RETRY_LIMITS": json.dumps(dict(shape.retry_limits)),
            "LIKENESS_QUEUE_SECONDS": str(shape.queue_seconds),
            "LIKENESS_GARBAGE_DELAY_SECONDS": "15",
            "LIKENESS_LOG_LEVEL": shape.log_level,
            "LIKENESS_CONCURRENCY": str(shape.concurrency),
        }

    def _engine_settings(self, name: str) -> dict[str, str]:
        skew = self.shape.skews.get(name)
        temporary = self.root / "tmp" / name
        temporary.mkdir(exist_ok=True)
        # With the generated contracts: a copy of the tree must not use those of the installed package.
        paths = [HERE / "plugin", CODE, CODE / "proto" / "gen", *([HERE / "skewed"] if skew else [])]
        return {
            "LIKENESS_ENGINES": "scripted",
            "LIKENESS_DIRECT_CONCURRENCY": "1" if name in ("video-0", "tts-0") else "0",
            "LIKENESS_ENGINE_VARIABLES": ",".join(ENGINE_VARIABLES),
            "LIKENESS_ENGINE_NETWORK": "true",  # for the recorder of runs
            "LIKENESS_SCRATCH_DIR": str(self.root / "scratch"),
            "TMPDIR": str(temporary),
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "CHAOS_CLOCK_SKEW": str(skew or 0),
            "CHAOS_RECORDER": str(self._recorder.port),
            "CHAOS_STAGE_TIMEOUT": str(self.shape.stage_timeout_seconds),
            "CHAOS_WORKER": name,
        }

    def _log(self, line: str) -> None:
        with self.folder.log("supervisor").open("a") as log:
            log.write(f"{line}\n")


def send_to(child: ChildProcess, number: signal.Signals) -> None:
    if child.pid is not None and child.running:
        os.kill(child.pid, number)


def build_broker(bus: str, folder: Path) -> Broker:
    if bus == "nats":
        return NatsBroker(folder)
    from tests.servers import RabbitmqBroker

    return RabbitmqBroker(folder)


def service_of(name: str) -> str:
    """Returns the service of a process, such as `video` of `video-0`."""
    return name.rpartition("-")[0]


def restart_soon(failures: int, _ran_seconds: float) -> Restart:
    return Restart(failures + 1, RESTART_SECONDS)


def engine_processes(root: Path) -> Iterator[tuple[psutil.Process, int]]:
    """Yields every engine process of the stack in `root`, with the id of the worker that started it."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if "services.chassis.engine_host.child" in words:
            settings = ChildSettings.from_json(words[-2])
            if settings.scratch.is_relative_to(root):
                yield process, int(words[-1])
