"""Lists the services that the stack starts: the gateway, and every worker service of the list of services."""

from dataclasses import dataclass

from services.chassis.service_list import worker_services
from services.cli.errors import StackError
from services.cli.stack.servers.accounts import GATEWAY
from services.cli.stack.servers.seaweed import PORT_NAMES

GATEWAY_PORT = f"{GATEWAY}_http"
# They name parts of the stack and their logs. A worker service of that name would share them.
TAKEN_NAMES = frozenset({GATEWAY, "likeness", "migrate", "nats", "postgres", "s3", "supervisor"})


@dataclass(frozen=True, slots=True)
class StackService:
    """A service as a process of the stack: `python -m <module>` runs it."""

    name: str
    module: str


def worker_names() -> tuple[str, ...]:
    """Returns the names of all worker services, those of installed packages included."""
    return tuple(worker_services())


def stack_services() -> tuple[StackService, ...]:
    """Returns the services in the order in which they are started.

    Raises StackError for a worker service whose name is that of another part of the stack.
    """
    gateway = StackService(GATEWAY, f"services.{GATEWAY}")
    workers = [StackService(name, entry.module) for name, entry in worker_services().items()]
    for worker in workers:
        if worker.name in TAKEN_NAMES:
            raise StackError(
                f"The worker service {worker.module} is called {worker.name!r}, as a part of the local stack "
                "is. Give it another name in its entry of the list of services."
            )
    return (gateway, *workers)


def stack_port_names() -> tuple[str, ...]:
    """Returns the names of all ports that the stack listens on: of the gateway, of NATS and of the store."""
    return (GATEWAY_PORT, "nats", *PORT_NAMES)


def service_names() -> tuple[str, ...]:
    """Returns the names of all services, each of which has accounts of its own on the servers."""
    return (GATEWAY, *worker_names())


def start_message() -> str:
    """Returns the line that announces the start of all parts, with every service by name."""
    *first, last = worker_names()
    return f"starting PostgreSQL, NATS and S3, the gateway and the {', '.join(first)} and {last} services"
