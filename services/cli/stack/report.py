"""Reports on a running stack from outside: its processes, their memory and health, its engines and jobs."""

import asyncio
from dataclasses import dataclass
from typing import Any

from services.cli.client import TERMINAL, Job, connect
from services.cli.errors import CliError
from services.cli.stack.credentials import load_credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.sockets import ServiceSockets
from services.cli.stack.stack_services import GATEWAY, GATEWAY_PORT, worker_names
from services.cli.stack.state import PartState, ProcessMark, StackState

SUPERVISOR = "supervisor"
HEALTH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a process and its children. Shared pages count fully in `rss` of each, in parts in `pss`."""

    rss_bytes: int
    pss_bytes: int | None


@dataclass(frozen=True, slots=True)
class PartReport:
    """State, memory and health of one server or service."""

    name: str
    pid: int | None
    started_at: float | None
    restarts: int
    memory: Memory | None
    ports: dict[str, int]
    health: str
    """`ok`, or a text that says what is wrong."""


@dataclass(frozen=True, slots=True)
class StackReport:
    """State of the whole stack, with its engines and jobs."""

    state: StackState
    api_key: str
    parts: list[PartReport]
    engines: list[dict[str, Any]]
    jobs: list[Job]
    """The jobs under way, of all kinds, the newest first."""

    @property
    def memory(self) -> Memory:
        """The sum over all parts. `pss_bytes` is `None` if it is unknown for one of them."""
        known = [part.memory for part in self.parts if part.memory is not None]
        pss = [memory.pss_bytes for memory in known]
        return Memory(
            sum(memory.rss_bytes for memory in known), None if None in pss else sum(p or 0 for p in pss)
        )


async def report_on(folder: DataFolder, state: StackState) -> StackReport:
    """Returns the report. A part that fails is reported, and raises nothing."""
    sockets = ServiceSockets.below(folder.root)
    reports = await asyncio.gather(*(report_part(part, sockets) for part in state.parts))
    own = memory_of(state.supervisor, children=False)
    supervisor = PartReport(
        SUPERVISOR, state.supervisor.pid, state.started_at, 0, own, {}, "ok" if own else "gone"
    )
    api_key = load_credentials(folder.credentials).api_key
    engines, jobs = await query_gateway(api_key, state)
    return StackReport(state, api_key, [supervisor, *reports], engines, jobs)


async def report_part(part: PartState, sockets: ServiceSockets) -> PartReport:
    process = part.process
    alive = process is not None and process.is_alive()
    return PartReport(
        name=part.name,
        pid=process.pid if process and alive else None,
        started_at=part.started_at if alive else None,
        restarts=part.restarts,
        memory=memory_of(process, children=True) if process and alive else None,
        ports=part.ports,
        health=await health_of(part, sockets) if alive else "down; it is being started again",
    )


async def health_of(part: PartState, sockets: ServiceSockets) -> str:
    """Returns the health of a running part: the readiness of a service; `ok` for a server."""
    import httpx2

    if part.name not in (GATEWAY, *worker_names()):
        return "ok"
    address = f"{LOOPBACK}:{part.ports[GATEWAY_PORT]}" if part.name == GATEWAY else part.name
    socket = None if part.name == GATEWAY else str(sockets.http(part.name))
    transport = httpx2.AsyncHTTPTransport(uds=socket)
    try:
        async with httpx2.AsyncClient(timeout=HEALTH_SECONDS, trust_env=False, transport=transport) as http:
            response = await http.get(f"http://{address}/readyz")
    except httpx2.TransportError as exc:
        return f"no answer ({type(exc).__name__})"
    return "ok" if response.is_success else f"not ready: {response.text[:200]}"


async def query_gateway(api_key: str, state: StackState) -> tuple[list[dict[str, Any]], list[Job]]:
    """Returns the engines that have a worker, and the jobs under way. Both are empty while the gateway does
    not respond."""
    try:
        async with connect(state.url, api_key, local=True) as client:
            engines = [engine for engine in await client.engines() if engine["workers"]]
            return engines, [each for each in await client.newest_jobs() if each["status"] not in TERMINAL]
    except CliError:
        # The gateway's own line of the report says that it does not respond.
        return [], []


def memory_of(process: ProcessMark, *, children: bool) -> Memory | None:
    """Returns the memory of a process, of its children too if wanted; `None` if it has ended."""
    import psutil

    try:
        found = psutil.Process(process.pid)
        family = [found, *(found.children(recursive=True) if children else [])]
    except psutil.NoSuchProcess:
        return None
    rss, pss = 0, 0
    readable = True
    for member in family:
        try:
            full = member.memory_full_info()
            rss += full.rss
            pss += getattr(full, "pss", 0)
            readable = readable and hasattr(full, "pss")
        except psutil.AccessDenied:
            rss += member.memory_info().rss
            readable = False
        except psutil.NoSuchProcess:
            continue
    return Memory(rss, pss if readable else None)
