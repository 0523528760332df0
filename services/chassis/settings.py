"""Settings come from the environment only, with the prefix `LIKENESS_`."""

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service needs. Each service extends it in its own `settings.py`."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_", frozen=True, extra="ignore")

    environment: Literal["dev", "production"] = "dev"
    host: str = "127.0.0.1"
    http_port: int = 8080
    """Of the gateway: the public API. Of the others: `/healthz`, `/readyz` and `/metrics`."""

    bus_url: SecretStr
    """`nats://…`; the scheme chooses the adapter."""
    lease_seconds: float = 60.0
    """How long a delivery or a stage stays with a silent worker; heartbeats come four times as often."""

    s3_endpoint: str
    s3_public_endpoint: str = ""
    """What presigned URLs name, if clients reach the store by another address."""
    s3_access_key: str
    s3_secret_key: SecretStr
    s3_bucket: str = "likeness"
    s3_region: str = "us-east-1"

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    trace_file: str = ""
    """Append finished spans to this file as JSON lines, beside the OTLP export
    that OTEL_EXPORTER_OTLP_ENDPOINT turns on."""


class WorkerSettings(ServiceSettings):
    """A service that runs stages."""

    grpc_port: int = 50051
    engines: str = ""
    """Comma-separated names of the engines to host; empty hosts all that are installed."""
    concurrency: int = 1
    """Stages at once, each in an engine process of its own."""
    drain_seconds: float = 30.0
    """How long a running stage may go on after SIGTERM before it is handed back."""
    scratch_dir: str = ""
    """Where stages keep their files while they run; empty is the system's temporary directory."""
