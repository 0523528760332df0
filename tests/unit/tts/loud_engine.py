"""A TTS engine that clips at full scale unless the request is attenuated."""

from collections.abc import Iterator

import numpy as np

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.engine_api.timeline import TimedPhoneme, TimedWord
from services.tts.engines.protocol import AudioChunk, Speech

RATE = 16_000
PEAK = 1.2


class LoudEngine:
    spec = EngineSpec(service="tts", name="loud", version="1", voices=(Voice("only", "Only", "en"),))

    def open(self) -> None: ...

    def close(self) -> None: ...

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        gain = 10 ** (request.tokens[0].manner.volume_db / 20)
        hum = PEAK * gain * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
        samples = (np.clip(hum, -1, 1) * 32767).astype(np.int16)
        yield AudioChunk(samples, RATE, (TimedWord("hum", 0.0, 1.0),), (TimedPhoneme("m", 0.0, 1.0),))
