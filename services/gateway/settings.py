"""Settings of the gateway, read from environment variables."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.errors import Reason
from services.chassis.http_server.addresses import read_networks
from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.settings import ServiceSettings

ORIGIN = r"\*|https?://[^/\s,*?#@]+"


class VoiceConsent(StrEnum):
    """What a request for a cloned voice must say about the consent of the person who speaks."""

    STATEMENT = "statement"
    """A statement of who has agreed to what."""
    OPERATOR = "operator"
    """Nothing: the operator sees to it that there is consent."""
    REFUSED = "refused"
    """No voice is cloned."""


class DatabaseSettings(BaseSettings):
    """The settings of commands that need the database only."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_", frozen=True, extra="ignore")

    database_url: SecretStr


class GatewaySettings(ServiceSettings):
    """Environment variables of the gateway, with their defaults."""

    database_url: SecretStr
    database_connections: int = 10
    """Connections for requests; the background tasks have five more."""
    tts_grpc_target: str
    """`host:port` or `unix:/path` of the TTS service, which speaks the speech that is streamed in the
    response."""
    voice_grpc_target: str
    """`host:port` of the voice service, which changes the voice of speech that is streamed in the
    response."""
    video_grpc_target: str
    """`host:port` of the video service, which inspects portraits before a video is accepted."""
    bootstrap_api_key: SecretStr | None = None
    """If set, this key is valid for the workspace `default` from the first start on."""

    cors_origins: str = ""
    """Comma-separated origins whose pages may call the API, such as `https://studio.example.com`; `*` is any.
    Empty: none."""

    docs: bool | None = None
    """Serves `/docs` and `/openapi.json`; by default in development only."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port for `/metrics` and `/readyz` with its reasons, for the operator's network only. 0: none; in
    development the public port has them."""

    max_connections: int = Field(default=4_000, ge=1)
    """Open connections of all clients together. At this limit and the next, the connection that has waited
    longest for its client makes room."""
    max_connections_per_address: int | None = Field(default=None, ge=1)
    """Open connections of one address; by default a quarter of all, and all in development. Trusted proxies
    have no limit of their own."""
    trusted_proxies: str = ""
    """Comma-separated addresses and networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto`
    count."""
    client_head_seconds: float = Field(default=10.0, gt=0)
    """Time for a client to send the headers of a request."""
    client_stall_seconds: float = Field(default=15.0, gt=0)
    """Time without a byte after which a client that sends a body, or takes a response, is given up."""

    requests_per_minute: int | None = Field(default=None, ge=1)
    """Requests a minute of one API key; by default 6,000, and 60,000 in development."""
    anonymous_requests_per_minute: int | None = Field(default=None, ge=1)
    """Requests a minute of one address that have no key, and again of those whose key is not known; by
    default 600, and 60,000 in development."""
    requests_at_once: int | None = Field(default=None, ge=1)
    """Requests of one key, or one address without, that are answered at the same time; by default 200, and
    2,000 in development."""
    streams_at_once: int | None = Field(default=None, ge=1)
    """Streams of events of one key, or one address without, that are open at the same time; by default 1,000,
    and 4,000 in development."""

    voice_consent: VoiceConsent = VoiceConsent.STATEMENT
    """`statement`: a request for a cloned voice must say who has agreed to it; `operator`: it need not,
    because the operator sees to it; `refused`: no voices are cloned."""
    max_script_characters: int = 50_000
    max_job_characters: int = 1_000_000
    """Characters of all scripts of a job together: some twenty hours of speech."""
    max_scenes: int = 100
    max_speeches: int = 48
    """Number of responses with speech that may be under way at once. From half of it on a workspace gets one
    at a time."""
    max_speeches_per_workspace: int = 4
    """Number of responses with speech of a workspace that may be under way at once."""
    max_transcription_seconds: float = Field(default=1200.0, gt=0)
    """Longest recording that is transcribed while a client waits: two minutes' work of a free processor, and
    the voice service has five to answer."""
    max_upload_bytes: int = 200 * 1024 * 1024
    max_image_pixels: int = 50_000_000
    max_media_seconds: float = 3600.0
    probe_concurrency: int = Field(default=2, ge=1)
    """Number of uploaded pictures that are read at once, and of recordings beside them. A workspace has all
    but one of these slots at most."""
    max_uploads_in_flight: int = 32
    """Number of uploads of a workspace that may be under way at once."""
    upload_disk_bytes: int = 4 * 1024 * 1024 * 1024
    """Room on the gateway's disk for uploads that are under way; a workspace takes at most half of it."""
    max_open_uploads: int = 100
    """Number of presigned uploads of a workspace that may wait for their completion."""

    retry_limits: Mapping[Reason, int] = Field(default_factory=dict[Reason, int])
    """Numbers of failures after which a stage is given up, by reason, where they are not the defaults."""
    retry_pace: float = 1.0
    """Factor on every backoff."""
    queue_seconds: float = 15.0
    """Seconds after which a queued stage is published again while a worker of its engine is idle."""
    overrun_grace_seconds: float = 30.0
    """Seconds that a worker may let a stage run past its engine's limit before the gateway ends it."""
    garbage_delay_seconds: float = 60.0
    """Seconds that an artifact stays in the store after the last job that refers to it was deleted."""
    upload_keep_seconds: float = 24 * 3600.0
    """Seconds after which a presigned upload that is not completed is deleted, with the file that was
    sent."""
    reconcile_interval_seconds: float = 1.0
    worker_timeout_seconds: float = 20.0
    """Seconds without an announcement after which a worker counts as lost."""
    content_url_seconds: int = 3600
    """Seconds that a presigned URL stays valid."""

    @property
    def allowed_origins(self) -> Sequence[str]:
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    def share_of_address(self, connections: int) -> int:
        """Returns how many of all connections one address may have by default."""
        return connections if self.environment == "dev" else max(1, connections // 4)

    @property
    def connection_limits(self) -> ConnectionLimits:
        return ConnectionLimits(
            connections=self.max_connections,
            connections_per_address=self.max_connections_per_address
            or self.share_of_address(self.max_connections),
            trusted_proxies=read_networks(self.trusted_proxies),
            head_seconds=self.client_head_seconds,
            stall_seconds=self.client_stall_seconds,
        )

    @field_validator("trusted_proxies")
    @classmethod
    def are_networks(cls, value: str) -> str:
        """Raises ValueError for an entry that is neither an address nor a network."""
        read_networks(value)
        return value

    @field_validator("cors_origins")
    @classmethod
    def are_origins(cls, value: str) -> str:
        """Raises ValueError for an entry that no browser would send as the origin of a page."""
        for origin in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(ORIGIN, origin):
                message = "Give scheme and host, such as https://studio.example.com, or *."
                raise ValueError(f"{origin!r} is no origin. {message}")
        return value
