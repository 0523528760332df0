"""What a voice engine is: it converts, applies effects, or aligns; its spec's `operations` say which."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Engine, Progress
from services.chassis.engine_api.timeline import SpeechTimeline


@dataclass(frozen=True, slots=True)
class Conversion:
    """How to change the voice in `speech`, a file that soundfile reads.

    `reference` is a recording of the speaker to move towards by `strength` (0 to 1);
    `formant_scale` multiplies formant frequencies (1 leaves them). A recording may have no timeline.
    """

    speech: Path
    output: Path
    timeline: SpeechTimeline | None = None
    reference: Path | None = None
    pitch_semitones: float = 0.0
    formant_scale: float = 1.0
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Inspection:
    """`reference` is a recording that somebody's voice may be moved towards."""

    reference: Path


@dataclass(frozen=True, slots=True)
class InspectedReference:
    """Speech without its pauses, in seconds; the median of its pitch in Hz; in dB, how far it stands above
    the noise."""

    speech_seconds: float
    pitch_hz: float
    signal_to_noise_db: float


@dataclass(frozen=True, slots=True)
class Effects:
    """The steps to apply to `speech`, a file that soundfile reads, in order."""

    speech: Path
    output: Path
    steps: tuple[EffectStep, ...]
    timeline: SpeechTimeline | None = None


@dataclass(frozen=True, slots=True)
class ConvertedSpeech:
    """`path` is the request's `output`, a mono 16-bit WAV; the timeline, if there was one, is true to it."""

    path: Path
    seconds: float
    timeline: SpeechTimeline | None = None
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where to find words: `transcript` is what is said, empty if nobody knows; `language` is a BCP 47 tag,
    empty for English."""

    speech: Path
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class AlignedSpeech:
    """`timeline` is of the whole recording. It has no words if they could not be made out, and nothing
    at all if no speech was heard."""

    timeline: SpeechTimeline
    checks: tuple[QualityCheck, ...] = ()


class VoiceEngine(Engine, Protocol):
    """Of the operation `convert`."""

    def convert(self, request: Conversion) -> Iterator[Progress | ConvertedSpeech]:
        """Yield progress, then one `ConvertedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a reference
        that `inspect` refuses.
        """
        ...

    def inspect(self, request: Inspection) -> Iterator[InspectedReference]:
        """Yield what is known of the reference.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument`, with the bound and what
        was measured, for one that is clipped, noisy or has too little speech in it.
        """
        ...


class EffectsEngine(Engine, Protocol):
    """Of the operation `effects`; its spec's `effects` are the steps that it knows."""

    def apply(self, request: Effects) -> Iterator[Progress | ConvertedSpeech]:
        """Yield progress, then one `ConvertedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a chain that
        its spec does not allow.
        """
        ...


class AlignmentEngine(Engine, Protocol):
    """Of the operation `align`."""

    def align(self, request: Alignment) -> Iterator[Progress | AlignedSpeech]:
        """Yield progress, then one `AlignedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a transcript in
        a language that the engine does not know.
        """
        ...
