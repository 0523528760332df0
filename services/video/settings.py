"""Settings of the video service."""

from services.chassis.settings import WorkerSettings


class VideoSettings(WorkerSettings):
    direct_concurrency: int = 1
    """Engine processes kept for callers that wait for an inspection, besides those that run stages."""
