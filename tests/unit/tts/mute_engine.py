"""A TTS engine whose voice is silent."""

from collections.abc import Iterator

import numpy as np

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.tts.engines.protocol import AudioChunk, Speech


class MuteEngine:
    spec = EngineSpec(service="tts", name="mute", version="1", voices=(Voice("only", "Only", "en"),))

    def open(self) -> None: ...

    def close(self) -> None: ...

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        yield AudioChunk(np.zeros(1600, np.int16), 16_000)
