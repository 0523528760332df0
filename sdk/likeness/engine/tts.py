"""The requests, results and protocols of TTS engines."""

from services.tts.engines.protocol import (
    AudioChunk,
    Cloning,
    CloningEngine,
    Speaker,
    Speech,
    TtsEngine,
)
from services.tts.script.spans import Emphasis, Manner
from services.tts.script.tokens import Token

__all__ = [
    "AudioChunk",
    "Cloning",
    "CloningEngine",
    "Emphasis",
    "Manner",
    "Speaker",
    "Speech",
    "Token",
    "TtsEngine",
]
