"""The requests and results of TTS engines, and the `TtsEngine` protocol."""

from services.tts.engines.protocol import (
    AudioChunk,
    Speech,
    TtsEngine,
)
from services.tts.script.spans import Emphasis, Manner
from services.tts.script.tokens import Token

__all__ = ["AudioChunk", "Emphasis", "Manner", "Speech", "Token", "TtsEngine"]
