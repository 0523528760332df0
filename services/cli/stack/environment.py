"""Computes the environment variables of each service of the stack (see `services/chassis/settings.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.cli.stack.credentials import Credentials
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.sockets import ServiceSockets
from services.cli.stack.stack_services import GATEWAY, worker_names

# A laptop runs one Python for each service: each arena and idle thread of a numeric library costs them all.
FRUGAL = MappingProxyType(
    {
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
)
DRAIN_SECONDS = "5"
OWN_VARIABLES = ("LIKENESS_URL", "LIKENESS_API_KEY")
"""Variables of the command line itself. Services are not given them."""


@dataclass(frozen=True, slots=True)
class Backends:
    """Addresses of the servers that a service uses, and its accounts there."""

    database_url: str
    bus_url: str
    s3_url: str
    s3_bucket: str
    s3_access_key: str
    s3_secret_key: str


def service_environment(
    service: str,
    backends: Backends,
    credentials: Credentials,
    gateway_port: int,
    sockets: ServiceSockets,
    trace_file: str,
    inherited: Mapping[str, str],
) -> dict[str, str]:
    """Returns the environment of one service.

    The user's own variables are kept, so that LIKENESS_LOG_LEVEL or OTEL_* reach the services; the addresses
    and keys of the stack override them.
    """
    kept = {name: value for name, value in inherited.items() if name not in OWN_VARIABLES}
    own = (
        gateway_variables(backends, credentials, gateway_port, sockets)
        if service == GATEWAY
        else worker_variables(service, sockets)
    )
    wiring = {
        "LIKENESS_ENVIRONMENT": "dev",
        "LIKENESS_HOST": LOOPBACK,
        "LIKENESS_BUS_URL": backends.bus_url,
        "LIKENESS_S3_ENDPOINT": backends.s3_url,
        "LIKENESS_S3_PUBLIC_ENDPOINT": backends.s3_url,
        "LIKENESS_S3_BUCKET": backends.s3_bucket,
        "LIKENESS_S3_ACCESS_KEY": backends.s3_access_key,
        "LIKENESS_S3_SECRET_KEY": backends.s3_secret_key,
        "LIKENESS_GRPC_TOKEN": credentials.grpc_token,
        "LIKENESS_TRACE_FILE": trace_file,
        "NO_PROXY": direct_hosts(inherited),
        "no_proxy": direct_hosts(inherited),
    }
    return {**FRUGAL, **kept, **wiring, **own}


def gateway_variables(
    backends: Backends, credentials: Credentials, port: int, sockets: ServiceSockets
) -> dict[str, str]:
    return {
        "LIKENESS_HTTP_PORT": str(port),
        "LIKENESS_DATABASE_URL": backends.database_url,
        **{grpc_target_variable(worker): f"unix:{sockets.grpc(worker)}" for worker in worker_names()},
        "LIKENESS_BOOTSTRAP_API_KEY": credentials.api_key,
    }


def grpc_target_variable(worker: str) -> str:
    """Returns the name of the gateway's setting, such as `LIKENESS_TTS_GRPC_TARGET`."""
    return f"LIKENESS_{worker.upper().replace('-', '_')}_GRPC_TARGET"


def worker_variables(service: str, sockets: ServiceSockets) -> dict[str, str]:
    return {
        "LIKENESS_HTTP_SOCKET": str(sockets.http(service)),
        "LIKENESS_GRPC_SOCKET": str(sockets.grpc(service)),
        "LIKENESS_DRAIN_SECONDS": DRAIN_SECONDS,
    }


def direct_hosts(inherited: Mapping[str, str]) -> str:
    """Returns the hosts that are reached without a proxy: the user's own list, and this machine."""
    named = inherited.get("no_proxy") or inherited.get("NO_PROXY") or ""
    return ",".join(filter(None, [named, LOOPBACK, "localhost"]))
