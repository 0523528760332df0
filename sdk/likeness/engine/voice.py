"""The requests and results of voice engines, and a protocol for each of their operations."""

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
    "VoiceEngine",
]
