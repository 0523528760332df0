"""The transcript of a recording, as a recogniser hears it."""

from dataclasses import dataclass

from services.chassis.engine_api.timeline import TimedWord


@dataclass(frozen=True, slots=True)
class TranscriptSegment:
    """A sentence or a part of one, with its start and end in seconds.

    `log_probability` is the natural logarithm of the mean probability of a token, `no_speech_probability` how
    likely there is no speech.
    """

    text: str
    start: float
    end: float
    log_probability: float = 0.0
    no_speech_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a recording of `duration` seconds.

    `language` is a BCP 47 tag. Words are without punctuation; words and segments are in order.
    """

    text: str
    language: str
    duration: float
    words: tuple[TimedWord, ...] = ()
    segments: tuple[TranscriptSegment, ...] = ()
