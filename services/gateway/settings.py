"""What the gateway is told by its environment."""

from collections.abc import Mapping

from pydantic import Field, SecretStr

from services.chassis.errors import Reason
from services.chassis.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    database_url: SecretStr
    database_connections: int = 10
    tts_grpc_target: str
    """`host:port` of the TTS service: speech that is answered at once comes from there."""
    voice_grpc_target: str
    """`host:port` of the voice service: it changes the voice of speech that is answered at once."""
    video_grpc_target: str
    """`host:port` of the video service: portraits are inspected there before a video is accepted."""
    bootstrap_api_key: SecretStr | None = None
    """If set, this key is valid for the workspace `default` from the first start on."""

    max_script_characters: int = 50_000
    max_scenes: int = 100
    max_upload_bytes: int = 200 * 1024 * 1024
    max_image_pixels: int = 50_000_000
    max_media_seconds: float = 3600.0

    retry_limits: Mapping[Reason, int] = Field(default_factory=dict[Reason, int])
    """How often a stage may fail for a reason before it is given up, where it is not the usual number."""
    retry_pace: float = 1.0
    """A factor on every backoff."""
    queue_seconds: float = 15.0
    """A stage that was asked for so long ago while a worker of its engine is idle is asked for again."""
    overrun_grace_seconds: float = 30.0
    """How long a worker may let a stage run past its engine's limit before the gateway ends it."""
    garbage_delay_seconds: float = 60.0
    """How long an artifact stays in the store after the last video that refers to it was deleted."""
    upload_keep_seconds: float = 24 * 3600.0
    """A presigned upload that is not completed after so long is forgotten, with what was sent."""
    reconcile_interval_seconds: float = 1.0
    worker_timeout_seconds: float = 20.0
    """A worker that has not announced itself for so long counts as gone."""
    content_url_seconds: int = 3600
    """How long a presigned URL stays valid."""
