"""What each service is told by its environment (see `services/chassis/settings.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.cli.stack.credentials import Credentials
from services.cli.stack.ports import LOOPBACK

WORKERS = ("tts", "voice", "video", "mux")
SERVICES = ("gateway", *WORKERS)
SERVICE_PORT_NAMES = (
    "gateway_http",
    *(f"{worker}{kind}" for worker in WORKERS for kind in ("_http", "_grpc")),
)

# One laptop runs five Pythons: each arena and each idle thread of a numeric library costs all of them.
FRUGAL = MappingProxyType(
    {
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
)
DRAIN_SECONDS = "5"
OWN_VARIABLES = ("LIKENESS_URL", "LIKENESS_API_KEY")
"""Of this command line; no service's business."""


@dataclass(frozen=True, slots=True)
class Backends:
    """Where the services find what they stand on."""

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
    """The user's own variables stay, so LIKENESS_LOG_LEVEL or OTEL_* reach the services; the wiring wins."""
    kept = {name: value for name, value in inherited.items() if name not in OWN_VARIABLES}
    role = gateway_variables if service == "gateway" else worker_variables
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
        "LIKENESS_HTTP_PORT": str(ports["gateway_http"]),
        "LIKENESS_DATABASE_URL": backends.database_url,
        "LIKENESS_TTS_GRPC_TARGET": f"{LOOPBACK}:{ports['tts_grpc']}",
        "LIKENESS_VOICE_GRPC_TARGET": f"{LOOPBACK}:{ports['voice_grpc']}",
        "LIKENESS_VIDEO_GRPC_TARGET": f"{LOOPBACK}:{ports['video_grpc']}",
        "LIKENESS_BOOTSTRAP_API_KEY": credentials.api_key,
    }


def worker_variables(
    service: str, _backends: Backends, _credentials: Credentials, ports: Mapping[str, int]
) -> dict[str, str]:
    return {
        "LIKENESS_HTTP_PORT": str(ports[f"{service}_http"]),
        "LIKENESS_GRPC_PORT": str(ports[f"{service}_grpc"]),
        "LIKENESS_DRAIN_SECONDS": DRAIN_SECONDS,
    }


def direct_hosts(inherited: Mapping[str, str]) -> str:
    """A proxy for the outer world must not be asked for what runs on this machine."""
    named = inherited.get("no_proxy") or inherited.get("NO_PROXY") or ""
    return ",".join(filter(None, [named, LOOPBACK, "localhost"]))
