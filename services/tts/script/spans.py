"""Spans: the parts of a script after its markup has been parsed, independent of any engine."""

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
    """How a span is spoken, on top of the speed and pitch of the whole task.

    `rate` is a factor; `volume_db` may be minus infinity; `voice` is empty for the task's own.
    """

    emotion: Emotion = Emotion.NEUTRAL
    emphasis: Emphasis = Emphasis.NONE
    rate: float = 1.0
    pitch_semitones: float = 0.0
    volume_db: float = 0.0
    voice: str = ""


class Kind(StrEnum):
    """Kinds of text that have their own way of being read, as SSML's `say-as` names them."""

    CHARACTERS = "characters"
    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    DATE = "date"
    TIME = "time"
    TELEPHONE = "telephone"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class SayAs:
    """A text marked as of a `kind`. `order` is that of a date, as "dmy"; empty for the language's own."""

    kind: Kind
    order: str = ""


@dataclass(frozen=True, slots=True)
class Respelled:
    """A text that is read as `spoken`, whatever is written."""

    spoken: str


@dataclass(frozen=True, slots=True)
class Ipa:
    """A text that is said with these phonemes, in IPA with stress and length marks."""

    phonemes: str


Reading = SayAs | Respelled | Ipa


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it is written, white space included."""

    text: str
    manner: Manner = field(default_factory=Manner)
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Silence between two texts. With zero seconds it only ends a sentence."""

    seconds: float


Span = Text | Break


def spoken_characters(spans: tuple[Span, ...]) -> int:
    """Returns how many characters are to be spoken, with what is read in place of a text."""
    return sum(map(_spoken_size, spans))


def _spoken_size(span: Span) -> int:
    match span:
        case Text(reading=Respelled(spoken)) | Text(reading=Ipa(spoken)):
            return len(spoken)
        case Text(text):
            return len(text)
        case Break():
            return 0


def visible_text(spans: tuple[Span, ...]) -> str:
    """Returns the spoken text as it is written."""
    return "".join(span.text if isinstance(span, Text) else " " for span in spans)
