"""A scripted TTS engine: the upper byte of each sample of its speech is one of the text."""

from collections.abc import Iterator

import numpy as np

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.tts.engines.protocol import AudioChunk, Speech
from tests.chaos.engines.instructions import read_instructions
from tests.chaos.engines.scripted_run import limits, run_scripted

SAMPLE_RATE = 8000


class ScriptedSpeech:
    """Encodes the text as samples."""

    def __init__(self) -> None:
        voices = (Voice("scripted", "Scripted", "en-us"),)
        self.spec = EngineSpec("tts", "scripted", "1", voices=voices, languages=("en-us",), limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        text = "".join(token.shown + token.tail + token.gap for token in request.tokens)
        for _ in run_scripted(read_instructions(text), "tts"):
            pass
        samples = np.frombuffer(text.encode(), np.uint8).astype(np.int16) << 8  # loud enough to be heard
        yield AudioChunk(samples, SAMPLE_RATE)
