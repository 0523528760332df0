"""Computes the environment variables of each service of the stack (see `services/chassis/settings.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.cli.stack.credentials import Credentials
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.stack_services import GATEWAY, grpc_port_name, http_port_name, worker_names

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
    """Addresses of the servers that the services use."""

    database_url: str
    bus_url: str
    s3_url: str
    s3_bucket: str


def service_environment(
    service: str,
    backends: Backends,
    credentials: Credentials,
    ports: Mapping[str, int],
    trace_file: str,
    inherited: Mapping[str, str],
) -> dict[str, str]:
    """Returns the environment of one service.

    The user's own variables are kept, so that LIKENESS_LOG_LEVEL or OTEL_* reach the services; the addresses,
    ports and keys of the stack override them. `ports` are by the names of `stack_services`.
    """
    kept = {name: value for name, value in inherited.items() if name not in OWN_VARIABLES}
    role = gateway_variables if service == GATEWAY else worker_variables
    wiring = {
        "LIKENESS_ENVIRONMENT": "dev",
        "LIKENESS_HOST": LOOPBACK,
        "LIKENESS_BUS_URL": backends.bus_url,
        "LIKENESS_S3_ENDPOINT": backends.s3_url,
        "LIKENESS_S3_PUBLIC_ENDPOINT": backends.s3_url,
        "LIKENESS_S3_BUCKET": backends.s3_bucket,
        "LIKENESS_S3_ACCESS_KEY": credentials.s3_access_key,
        "LIKENESS_S3_SECRET_KEY": credentials.s3_secret_key,
        "LIKENESS_TRACE_FILE": trace_file,
        "NO_PROXY": direct_hosts(inherited),
        "no_proxy": direct_hosts(inherited),
    }
    return {**FRUGAL, **kept, **wiring, **role(service, backends, credentials, ports)}


def gateway_variables(
    _service: str, backends: Backends, credentials: Credentials, ports: Mapping[str, int]
) -> dict[str, str]:
    return {
        "LIKENESS_HTTP_PORT": str(ports[http_port_name(GATEWAY)]),
        "LIKENESS_DATABASE_URL": backends.database_url,
        **grpc_targets(ports),
        "LIKENESS_BOOTSTRAP_API_KEY": credentials.api_key,
    }


def grpc_targets(ports: Mapping[str, int]) -> dict[str, str]:
    """Returns the variables that say where the gRPC servers of the workers listen.

    Workers without a gRPC port in `ports` are left out.
    """
    targets = {worker: ports.get(grpc_port_name(worker)) for worker in worker_names()}
    return {
        grpc_target_variable(worker): f"{LOOPBACK}:{port}"
        for worker, port in targets.items()
        if port is not None
    }


def grpc_target_variable(worker: str) -> str:
    """Returns the name of the gateway's setting, such as `LIKENESS_TTS_GRPC_TARGET`."""
    return f"LIKENESS_{worker.upper().replace('-', '_')}_GRPC_TARGET"


def worker_variables(
    service: str, _backends: Backends, _credentials: Credentials, ports: Mapping[str, int]
) -> dict[str, str]:
    return {
        "LIKENESS_HTTP_PORT": str(ports[http_port_name(service)]),
        "LIKENESS_GRPC_PORT": str(ports[grpc_port_name(service)]),
        "LIKENESS_DRAIN_SECONDS": DRAIN_SECONDS,
    }


def direct_hosts(inherited: Mapping[str, str]) -> str:
    """Returns the hosts that are reached without a proxy: the user's own list, and this machine."""
    named = inherited.get("no_proxy") or inherited.get("NO_PROXY") or ""
    return ",".join(filter(None, [named, LOOPBACK, "localhost"]))
