"""Scripts, SSML and lexicons in the process: the TTS service's own code, espeak-ng, the gateway's search."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

from services.chassis.errors import LikenessError, Reason
from services.gateway.lexicon.pronunciation import Pronunciation, occurring
from services.gateway.speech.length import spoken_seconds
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.protocol import Speech
from tests.fuzz.target import Case, FuzzTarget, Run, Setting, parts_of
from tests.fuzz.text import LANGUAGES, odd_lexicon, odd_ssml, odd_text, pieces_of

FAULTS = (Reason.INTERNAL, Reason.ENGINE_CRASHED, Reason.OUT_OF_MEMORY, Reason.TIMED_OUT)
"""Reasons that are no refusal of the input."""
SPOKEN_CHARACTERS = 800
"""A longer text says little more about espeak-ng, and takes long to speak."""
WORDS = 1_000
"""Size of the largest lexicon of a workspace."""
EPOCH = datetime.fromtimestamp(0, UTC)
VOICES = ("en-us", "en-gb", "de", "fr-fr", "cmn", "ja", "ar", "ru")


def make_text(random: Random) -> Case:
    return {
        "text": odd_text(random),
        "ssml": False,
        "language": random.choice(LANGUAGES),
        "lexicon": odd_lexicon(random),
    }


def make_ssml(random: Random) -> Case:
    return {**parts_of(make_text(random)), "text": odd_ssml(random), "ssml": True}


def make_speech(random: Random) -> Case:
    text, ssml = (odd_ssml(random), True) if random.random() < 0.5 else (odd_text(random), False)
    return {
        **parts_of(make_text(random)),
        "text": text[:SPOKEN_CHARACTERS],
        "ssml": ssml,
        "voice": random.choice(VOICES),
        "speed": random.choice((0.25, 0.5, 1.0, 4.0)),
        "pitch": random.choice((-24.0, -6.0, 0.0, 9.0)),
    }


def make_lexicon(random: Random) -> Case:
    count = random.choice((1, 10, 100, WORDS))
    base = odd_text(random)[:20] or "a"
    words = [base * (1 + number % 100 // max(1, len(base))) for number in range(count)]
    return {"words": [each[:100] for each in words], "text": odd_text(random)}


def doubled(case: Case) -> Case:
    parts = parts_of(case)
    return {**parts, "text": parts["text"] * 2}


@contextmanager
def reading(_setting: Setting) -> Generator[Run]:
    yield read


def read(case: Case) -> None:
    pieces(parts_of(case))


def pieces(parts: dict[str, Any]) -> Sequence[Speech]:
    """Returns what an engine would get; nothing of a script that is refused."""
    try:
        return pieces_of(
            parts["text"], ssml=parts["ssml"], lexicon=parts["lexicon"], language=parts["language"]
        )
    except LikenessError as exc:
        raise_faults(exc)
        return ()


def raise_faults(error: LikenessError) -> None:
    """Raises the error unless it refuses the input."""
    if error.reason in FAULTS:
        raise error


@contextmanager
def speaking(_setting: Setting) -> Generator[Run]:
    """Opens espeak-ng in this process, which dies of its faults."""
    engine = EspeakEngine()
    engine.open()

    def speak(case: Case) -> None:
        parts = parts_of(case)
        for piece in pieces(parts):
            said = Speech(piece.tokens, parts["voice"], parts["speed"], parts["pitch"], piece.emotion)
            try:
                for _chunk in engine.synthesize(said):
                    pass
            except LikenessError as exc:
                raise_faults(exc)

    yield speak


@contextmanager
def searching(_setting: Setting) -> Generator[Run]:
    yield search


def search(case: Case) -> None:
    parts = parts_of(case)
    lexicon = [Pronunciation(word, EPOCH, respelling="x") for word in parts["words"] if word.strip()]
    occurring(lexicon, [parts["text"]])
    spoken_seconds(parts["text"])


TARGETS = (
    FuzzTarget("text", make_text, reading, seconds=3.0, doubled=doubled),
    FuzzTarget("ssml", make_ssml, reading, seconds=3.0, doubled=doubled),
    FuzzTarget("speech", make_speech, speaking, seconds=20.0),
    FuzzTarget("lexicon", make_lexicon, searching, seconds=1.0, doubled=doubled),
)
