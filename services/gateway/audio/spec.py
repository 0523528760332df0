"""Spec of a validated and resolved audio file: the input of `audio.plan`."""

from dataclasses import dataclass

from services.chassis.engine_api.spec import EngineSpec
from services.gateway.audio.requests import AudioFileFormat
from services.gateway.speech.spec import SpeechSpec


@dataclass(frozen=True, slots=True)
class AudioSpec:
    """Scenes of speech, joined with `gap_seconds` of silence between them, at a loudness in LUFS."""

    scenes: tuple[SpeechSpec, ...]
    mux: EngineSpec
    format: AudioFileFormat = "mp3"
    loudness_lufs: float = -16.0
    gap_seconds: float = 0.0
