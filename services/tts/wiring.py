"""Composes the TTS service of its concrete classes."""

from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.worker.service import GrpcService, WorkerService
from services.tts.engines.registry import ENGINES
from services.tts.grpc_service import add_tts_servicer
from services.tts.settings import TtsSettings
from services.tts.stage_handler import SynthesisHandler


def build_service(settings: TtsSettings) -> WorkerService:
    return WorkerService(
        name="tts",
        settings=settings,
        engines=EngineRegistry("tts", ENGINES),
        stage_handler=SynthesisHandler(settings.pieces_at_once, settings.check_words_seconds),
        grpc_service=GrpcService("likeness.tts.v1.TtsService", add_tts_servicer),
        spare_hosts=settings.direct_concurrency,
    )
