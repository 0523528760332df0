"""The requests and results of voice engines, and a protocol for each of their operations."""

from services.chassis.engine_api.transcript import Transcript, TranscriptSegment
from services.voice.engines.protocol import (
    AlignedSpeech,
    Alignment,
    AlignmentEngine,
    Conversion,
    ConvertedSpeech,
    Effects,
    EffectsEngine,
    InspectedReference,
    Inspection,
    Transcription,
    TranscriptionEngine,
    VoiceEngine,
)

__all__ = [
    "AlignedSpeech",
    "Alignment",
    "AlignmentEngine",
    "Conversion",
    "ConvertedSpeech",
    "Effects",
    "EffectsEngine",
    "InspectedReference",
    "Inspection",
    "Transcript",
    "TranscriptSegment",
    "Transcription",
    "TranscriptionEngine",
    "VoiceEngine",
]
