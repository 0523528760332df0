"""Settings that all services share, read from environment variables with the prefix `LIKENESS_`."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings that every service needs. Each service extends them in its own `settings.py`."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_", frozen=True, extra="ignore")

    environment: Literal["dev", "production"] = "dev"
    host: str = "127.0.0.1"
    http_port: int = 8080
    """The public API of the gateway; `/healthz`, `/readyz` and `/metrics` of the other services."""

    bus_url: SecretStr
    """URL of the message broker, such as `nats://…`; the scheme chooses the adapter."""
    lease_seconds: float = 60.0
    """How long a delivery or a stage stays with a silent worker; heartbeats are sent four times as often."""

    grpc_token: SecretStr | None = None
    """Token that workers ask of gRPC callers, and that the gateway sends. Without one, anyone may call,
    which workers with a port refuse outside of `dev`."""
    grpc_tls_cert: str = ""
    """PEM file of the certificate that this service shows in gRPC, as server and as client; turns on TLS on a
    server."""
    grpc_tls_key: str = ""
    """PEM file of the certificate's key."""
    grpc_tls_ca: str = ""
    """PEM file of the authority that signs the others' certificates. A server then asks callers for one; a
    client uses TLS."""

    s3_endpoint: str
    s3_public_endpoint: str = ""
    """Endpoint in presigned URLs, if clients reach the store by another address."""
    s3_access_key: str
    s3_secret_key: SecretStr
    s3_bucket: str = "likeness"
    s3_region: str = "us-east-1"

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    trace_file: str = ""
    """File to which finished spans are appended as JSON lines, in addition to the OTLP export that
    OTEL_EXPORTER_OTLP_ENDPOINT turns on.
    """


class WorkerSettings(ServiceSettings):
    """Settings of a service that runs stages."""

    http_socket: str = ""
    """Path of a unix socket for health and metrics, instead of `host` and `http_port`."""
    grpc_port: int = 50051
    grpc_socket: str = ""
    """Path of a unix socket for gRPC, instead of `host` and `grpc_port`."""
    engines: str = ""
    """Comma-separated names of the engines to host; empty hosts all that are installed."""
    concurrency: int = 1
    """Number of stages that run at the same time, each in an engine process of its own."""
    drain_seconds: float = 30.0
    """How long a running stage may go on after SIGTERM before it is released to other workers."""
    scratch_dir: str = ""
    """Directory for the files of running stages; empty is the system's temporary directory."""
    engine_memory_mb: int = Field(default=0, ge=0)
    """Most memory in MiB that an engine's process and those that it starts may hold; 0: as its spec says."""
    engine_folders: str = ""
    """Folders that engines may read, such as those of models, separated as in PATH."""
    engine_writable_folders: str = ""
    """Folders that engines may write to, such as caches of compiled kernels, separated as in PATH."""
    engine_variables: str = ""
    """Comma-separated names of environment variables that engines get, beside PATH, CUDA_*, HF_* and such."""
    engine_network: bool = False
    """Whether engines may open connections, as those that call a service elsewhere must."""
