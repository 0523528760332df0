"""What a script is made of, once its markup has been read. Independent of any engine."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.chassis.engine_api.timeline import Emotion


class Emphasis(StrEnum):
    NONE = "none"
    REDUCED = "reduced"
    MODERATE = "moderate"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a stretch is said, on top of the speed and pitch of the whole task.

    `rate` is a factor; `volume_db` may be minus infinity; `voice` is empty for the task's own.
    """

    emotion: Emotion = Emotion.NEUTRAL
    emphasis: Emphasis = Emphasis.NONE
    rate: float = 1.0
    pitch_semitones: float = 0.0
    volume_db: float = 0.0
    voice: str = ""


class Kind(StrEnum):
    """What a stretch that is read in a way of its own is."""

    CHARACTERS = "characters"
    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    DATE = "date"
    TIME = "time"
    TELEPHONE = "telephone"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class SayAs:
    """`order` is the order of a date, as "dmy"; empty for the language's own."""

    kind: Kind
    order: str = ""


@dataclass(frozen=True, slots=True)
class Respelled:
    """Said as `spoken` is read, whatever is written."""

    spoken: str


@dataclass(frozen=True, slots=True)
class Ipa:
    """Said with these phonemes, in IPA with stress and length marks."""

    phonemes: str


Reading = SayAs | Respelled | Ipa


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch as it is written, white space included."""

    text: str
    manner: Manner = field(default_factory=Manner)
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Silence between what is said before and after it. With zero seconds just a sentence ends here."""

    seconds: float


Span = Text | Break


def visible_text(spans: tuple[Span, ...]) -> str:
    """What is said, as it is written."""
    return "".join(span.text if isinstance(span, Text) else " " for span in spans)
