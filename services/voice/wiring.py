"""Composes the voice service of its concrete classes."""

from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.worker.service import GrpcService, WorkerService
from services.voice.engines.registry import ENGINES
from services.voice.grpc_service import add_voice_servicer
from services.voice.settings import VoiceSettings
from services.voice.stage_handler import VoiceHandler


def build_service(settings: VoiceSettings) -> WorkerService:
    return WorkerService(
        name="voice",
        settings=settings,
        engines=EngineRegistry("voice", ENGINES),
        stage_handler=VoiceHandler(),
        grpc_service=GrpcService("likeness.voice.v1.VoiceService", add_voice_servicer),
        warm_after_seconds=11.0,
    )
