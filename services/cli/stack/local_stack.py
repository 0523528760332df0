"""Starts and stops the whole of Likeness on one machine: three servers, the migrations and all services."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import services
from services.chassis.disk import is_disk_full
from services.cli.errors import StackError
from services.cli.stack.credentials import load_or_create_credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.environment import Backends, service_environment
from services.cli.stack.leftovers import clear_leftovers
from services.cli.stack.ports import (
    LOOPBACK,
    ReservedPorts,
    load_ports,
    require_reserved,
    save_ports,
)
from services.cli.stack.process import ChildProcess, Command
from services.cli.stack.readiness import until_stack_ready
from services.cli.stack.schema import DELETE_WORKERS, SELECT_REVISION, newest_revision
from services.cli.stack.servers.accounts import store_login
from services.cli.stack.servers.nats import NatsServer
from services.cli.stack.servers.postgres import APP_ROLE, OWNER_ROLE, PostgresServer
from services.cli.stack.servers.seaweed import SeaweedServer
from services.cli.stack.servers.store_probe import BUCKET, StoreProbe
from services.cli.stack.service import ServiceProcess
from services.cli.stack.sockets import ServiceSockets
from services.cli.stack.stack_services import (
    GATEWAY,
    GATEWAY_PORT,
    StackService,
    service_names,
    stack_port_names,
    stack_services,
    start_message,
)
from services.cli.stack.state import Phase, ProcessMark, StackState, mark, save_state
from services.cli.stack.supervisor import Part, Probe, Report, Supervisor
from services.cli.stack.writes.nats_probe import NatsWriteProbe
from services.cli.stack.writes.watch import Disk

PREFERRED_PORT = 8000
SAVE_RETRY_SECONDS = 2.0
CODE = Path(services.__path__[0]).parent


@dataclass(frozen=True, slots=True)
class StackOptions:
    """The options of one start of the stack."""

    port: int | None = None
    """Port of the gateway. `None` takes the last one, or 8000, or any that is free."""
    trace_file: Path | None = None
    """File to which all services append their spans."""
    one_off: bool = False
    """Whether the stack belongs to a single `render` or `demo`."""


@asynccontextmanager
async def local_stack(
    folder: DataFolder, options: StackOptions, report: Report
) -> "AsyncGenerator[LocalStack]":
    """Runs a ready stack for as long as the block runs. However the block ends, it is stopped in order.

    Raises AlreadyRunning if the folder is in use, StackError if a part does not start or the disk is full.
    """
    folder.create()
    with folder.lock():
        await clear_leftovers(folder, report)
        folder.rotate_logs()
        with disk_full_refused(folder):
            stack = LocalStack(folder, options, report)
        try:
            with disk_full_refused(folder):
                await stack.start()
            yield stack
        finally:
            await stack.stop()


@contextmanager
def disk_full_refused(folder: DataFolder) -> Generator[None]:
    """Raises StackError in place of the error of a full disk."""
    try:
        yield
    except OSError as exc:
        if not is_disk_full(exc):
            raise
        raise StackError(
            f"There is no space left on the disk of {folder.root}. Free some, or choose another folder "
            "with --data."
        ) from exc


class LocalStack:
    """The parts of a stack, under one supervisor. Only one may exist for a data folder: see `local_stack`."""

    def __init__(self, folder: DataFolder, options: StackOptions, report: Report) -> None:
        self.credentials = load_or_create_credentials(folder.credentials)
        self._reserved = ReservedPorts()
        self.ports = choose_ports(folder, options.port, self._reserved)
        self.sockets = ServiceSockets.below(folder.root)
        self._folder = folder
        self._options = options
        self._report = report
        self._phase: Phase = "starting"
        self._started_at = time.time()
        self._supervisor = Supervisor(report, self._save_if_possible)
        self.postgres = PostgresServer(folder.root / "postgres", folder.log("postgres"))
        self.nats = NatsServer(
            folder.root / "nats", folder.log("nats"), self.credentials, self.ports["nats"], service_names()
        )
        self.s3 = SeaweedServer(
            folder.root / "s3", folder.log("s3"), self.credentials, self.ports, service_names()
        )
        self._gateway, *workers = map(self._build_service, stack_services())
        self._workers: list[Part] = [*workers]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports[GATEWAY_PORT]}"

    async def start(self) -> None:
        """Starts all parts at once and returns when a video can be made. Call `stop` even if this fails.

        The services import their modules while the servers start, and wait for them; only the gateway needs
        the tables of its database before it starts.
        """
        self._save()
        self.sockets.create()
        self._report(start_message())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._start_database_and_gateway())
                tasks.create_task(self._start_server(self.nats, NatsWriteProbe(self.nats.url).refusal))
                store_probe = StoreProbe(self.s3.url, self.credentials)
                tasks.create_task(self._start_server(self.s3, store_probe.refusal))
                for part in self._workers:
                    tasks.create_task(self._supervisor.start(part))
                tasks.create_task(self._until_ready())
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        self._phase = "ready"
        self._save()

    async def stop(self) -> None:
        """Stops the gateway first, so that nothing new begins; then the workers; then the servers."""
        self._phase = "stopping"
        self._save_if_possible()
        order: list[list[Part]] = [[self._gateway], self._workers, [self.nats, self.s3, self.postgres]]
        for parts in order:
            await self._supervisor.stop(parts)
        self._folder.state.unlink(missing_ok=True)
        self.sockets.remove()
        self._reserved.close()

    async def _start_server(self, server: Part, probe: Probe | None = None) -> None:
        await self._supervisor.start(server, Disk(self._folder.root), probe)

    async def _start_database_and_gateway(self) -> None:
        await self._start_server(self.postgres)
        # The workers of the last stack have ended. The gateway would count them as alive for a while.
        if await self.postgres.query(SELECT_REVISION, DELETE_WORKERS) != newest_revision():
            await self._migrate()
        await self._supervisor.start(self._gateway)

    async def _until_ready(self) -> None:
        await until_stack_ready(self.url, self.credentials.api_key, self._supervisor.failures, self._folder)

    async def _migrate(self) -> None:
        command = self._python(
            "services.gateway.db.migrate", GATEWAY, OWNER_ROLE, self._folder.log("migrate")
        )
        migration = ChildProcess("migrate", command)
        await migration.start()
        try:
            status = await migration.wait()
        finally:
            await migration.stop(())
        if status != 0:
            raise StackError(f"The migrations failed with status {status}:\n{migration.log_tail()}")

    def _build_service(self, service: StackService) -> ServiceProcess:
        ports = {GATEWAY_PORT: self.ports[GATEWAY_PORT]} if service.name == GATEWAY else {}
        command = self._python(service.module, service.name, APP_ROLE, self._folder.log(service.name))
        return ServiceProcess(service.name, command, ports)

    def _python(self, module: str, service: str, role: str, log: Path) -> Command:
        """Returns the command of a service, which uses the database in that role."""
        backends = Backends(
            self.postgres.url_of(role),
            self.nats.url_of(service),
            self.s3.url,
            BUCKET,
            *store_login(self.credentials, service),
        )
        trace_file = str(self._options.trace_file.absolute()) if self._options.trace_file else ""
        return Command(
            argv=[sys.executable, "-m", module],
            environment=service_environment(
                service,
                backends,
                self.credentials,
                self.ports[GATEWAY_PORT],
                self.sockets,
                trace_file,
                os.environ,
            ),
            log=log,
            folder=CODE,
        )

    def _save(self) -> None:
        save_state(self._folder.state, self._state())

    def _save_if_possible(self) -> None:
        """Saves the state, now or when the disk has room again: until then the file is older."""
        try:
            self._save()
        except OSError:
            if self._phase != "stopping":
                asyncio.get_running_loop().call_later(SAVE_RETRY_SECONDS, self._save_if_possible)

    def _state(self) -> StackState:
        return StackState(
            supervisor=own_mark(),
            phase=self._phase,
            one_off=self._options.one_off,
            url=self.url,
            s3_url=self.s3.url,
            nats_address=self.nats.address,
            database_url=self.postgres.url,
            data=str(self._folder.root),
            trace_file=str(self._options.trace_file or ""),
            started_at=self._started_at,
            parts=self._supervisor.states(),
        )


def own_mark() -> ProcessMark:
    """Returns the mark of this process."""
    found = mark(os.getpid())
    if found is None:
        raise StackError("This process cannot see itself; is /proc mounted?")
    return found


def choose_ports(folder: DataFolder, gateway_port: int | None, reserved: ReservedPorts) -> dict[str, int]:
    """Reserves and stores a port for each name: the one of the last start where it is still free."""
    preferred = {GATEWAY_PORT: PREFERRED_PORT, **load_ports(folder.ports)}
    if gateway_port is None:
        ports = reserved.choose(stack_port_names(), preferred)
    else:
        require_reserved(reserved, gateway_port)
        others = [name for name in stack_port_names() if name != GATEWAY_PORT]
        ports = {GATEWAY_PORT: gateway_port, **reserved.choose(others, preferred)}
    save_ports(folder.ports, ports)
    return ports
