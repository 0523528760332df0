"""Settings of the video service."""

from services.chassis.settings import WorkerSettings


class VideoSettings(WorkerSettings):
    direct_concurrency: int = 1
    """Engine processes kept for inspecting portraits while somebody waits, beside those of the stages."""
