"""The order in which services that start side by side load what they need later."""

from collections.abc import Mapping
from typing import Any

import services.mux.wiring
import services.tts.wiring
import services.video.wiring
import services.voice.wiring
from services.chassis.worker.service import WorkerService
from services.mux.settings import MuxSettings
from services.tts.settings import TtsSettings
from services.video.settings import VideoSettings
from services.voice.settings import VoiceSettings

VALUES: Mapping[str, Any] = {
    "bus_url": "nats://127.0.0.1",
    "s3_endpoint": "http://127.0.0.1",
    "s3_access_key": "key",
    "s3_secret_key": "key",
}


def test_no_two_services_load_at_the_same_time() -> None:
    built: list[WorkerService] = [
        services.tts.wiring.build_service(TtsSettings.model_validate(VALUES)),
        services.video.wiring.build_service(VideoSettings.model_validate(VALUES)),
        services.voice.wiring.build_service(VoiceSettings.model_validate(VALUES)),
        services.mux.wiring.build_service(MuxSettings.model_validate(VALUES)),
    ]
    delays = [service.warm_after_seconds for service in built]
    assert len(set(delays)) == len(delays)
