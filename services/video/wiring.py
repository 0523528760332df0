"""Builds the video service from its concrete classes."""

from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.worker.service import GrpcService, WorkerService
from services.video.engines.registry import ENGINES
from services.video.grpc_service import add_video_servicer
from services.video.settings import VideoSettings
from services.video.stage_handler import RenderingHandler


def build_service(settings: VideoSettings) -> WorkerService:
    return WorkerService(
        name="video",
        settings=settings,
        engines=EngineRegistry("video", ENGINES),
        stage_handler=RenderingHandler(),
        grpc_service=GrpcService("likeness.video.v1.VideoService", add_video_servicer),
        spare_hosts=settings.direct_concurrency,
        warm_after_seconds=7.0,
    )
