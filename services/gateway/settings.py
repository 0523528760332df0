"""Settings of the gateway, read from environment variables."""

import re
from collections.abc import Mapping, Sequence

from pydantic import Field, SecretStr, field_validator

from services.chassis.errors import Reason
from services.chassis.settings import ServiceSettings

ORIGIN = r"\*|https?://[^/\s,*?#@]+"


class GatewaySettings(ServiceSettings):
    """Environment variables of the gateway, with their defaults."""

    database_url: SecretStr
    database_connections: int = 10
    tts_grpc_target: str
    """`host:port` of the TTS service, which speaks the speech that is streamed in the response."""
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

    max_script_characters: int = 50_000
    max_scenes: int = 100
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

    @field_validator("cors_origins")
    @classmethod
    def are_origins(cls, value: str) -> str:
        """Raises ValueError for an entry that no browser would send as the origin of a page."""
        for origin in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(ORIGIN, origin):
                message = "Give scheme and host, such as https://studio.example.com, or *."
                raise ValueError(f"{origin!r} is no origin. {message}")
        return value
