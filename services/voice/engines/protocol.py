"""What a voice engine is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.chassis.engine import Engine, Progress
from services.chassis.quality import QualityCheck
from services.chassis.timeline import SpeechTimeline


@dataclass(frozen=True, slots=True)
class Conversion:
    """How to change the voice in `speech`, a mono WAV file.

    `reference` is a recording of the speaker to move towards by `strength` (0 to 1);
    `formant_scale` multiplies formant frequencies (1 leaves them). A recording has no timeline.
    """

    speech: Path
    output: Path
    timeline: SpeechTimeline | None = None
    reference: Path | None = None
    pitch_semitones: float = 0.0
    formant_scale: float = 1.0
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class ConvertedSpeech:
    """`path` is the request's `output`, a mono 16-bit WAV; the timeline, if there was one, is true to it."""

    path: Path
    seconds: float
    timeline: SpeechTimeline | None = None
    checks: tuple[QualityCheck, ...] = ()


class VoiceEngine(Engine, Protocol):
    def convert(self, request: Conversion) -> Iterator[Progress | ConvertedSpeech]:
        """Yield progress, then one `ConvertedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a reference
        with too little speech in it.
        """
        ...
