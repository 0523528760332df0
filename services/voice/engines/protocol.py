"""Requests, results and protocols of voice engines; a spec's `operations` say which of them it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Engine, Progress
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.engine_api.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Conversion:
    """A request to change the voice in `speech`, a file that soundfile reads.

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
    """A request to inspect `reference`, a recording of a speaker."""

    reference: Path


@dataclass(frozen=True, slots=True)
class InspectedReference:
    """Measurements of a reference.

    `speech_seconds` is speech without its pauses, `pitch_hz` the median pitch, `signal_to_noise_db` how far
    the speech is above the noise.
    """

    speech_seconds: float
    pitch_hz: float
    signal_to_noise_db: float


@dataclass(frozen=True, slots=True)
class Effects:
    """A request to apply the steps to `speech`, a file that soundfile reads, in order."""

    speech: Path
    output: Path
    steps: tuple[EffectStep, ...]
    timeline: SpeechTimeline | None = None


@dataclass(frozen=True, slots=True)
class ConvertedSpeech:
    """A mono 16-bit WAV at the request's `output`, with a matching timeline if there was one."""

    path: Path
    seconds: float
    timeline: SpeechTimeline | None = None
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Alignment:
    """A request to find words: `transcript` is what is said, empty if it is unknown.

    `language` is a BCP 47 tag, empty for English.
    """

    speech: Path
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class AlignedSpeech:
    """A timeline of the whole recording.

    It has no words if they could not be recognised, and nothing at all if there is no speech.
    """

    timeline: SpeechTimeline
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcription:
    """A request to write down what is said in `speech`.

    `language` is a BCP 47 tag, empty for English. `prompt` is text that might come before the speech: names
    in it are spelt like that.
    """

    speech: Path
    language: str = ""
    prompt: str = ""


class VoiceEngine(Engine, Protocol):
    """A protocol of engines with the operation `convert`."""

    def convert(self, request: Conversion) -> Iterator[Progress | ConvertedSpeech]:
        """Yields progress, then one `ConvertedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a reference
        that `inspect` refuses.
        """
        ...

    def inspect(self, request: Inspection) -> Iterator[InspectedReference]:
        """Yields the measurements of the reference.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument`, with the limit and the
        measured value, for one that is clipped, noisy or has too little speech in it.
        """
        ...


class EffectsEngine(Engine, Protocol):
    """A protocol of engines with the operation `effects`; the spec's `effects` are the steps they know."""

    def apply(self, request: Effects) -> Iterator[Progress | ConvertedSpeech]:
        """Yields progress, then one `ConvertedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a chain that
        its spec does not allow.
        """
        ...


class AlignmentEngine(Engine, Protocol):
    """A protocol of engines with the operation `align`."""

    def align(self, request: Alignment) -> Iterator[Progress | AlignedSpeech]:
        """Yields progress, then one `AlignedSpeech`.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a transcript in
        a language that the engine does not know.
        """
        ...


class TranscriptionEngine(Engine, Protocol):
    """A protocol of engines with the operation `transcribe`."""

    def transcribe(self, request: Transcription) -> Iterator[Progress | Transcript]:
        """Yields progress, then one `Transcript`, which is empty if there is no speech.

        Raises `MediaUnreadable` for audio that cannot be read and `InvalidArgument` for a language that the
        engine does not hear.
        """
        ...
