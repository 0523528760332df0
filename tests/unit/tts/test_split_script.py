import pytest

from services.chassis.engine_api.timeline import Emotion
from services.tts.engines.protocol import Speech
from services.tts.normalization.normalize import normalize
from services.tts.script.parse import parse_script
from services.tts.script.spans import Break
from services.tts.split_script import split_script

TASK = Speech((), "own", speed=1.5)


def pieces(text: str, *, ssml: bool = False) -> list[Speech | Break]:
    spans = parse_script(text, ssml=ssml)
    return list(split_script(normalize(spans, lambda _: ""), TASK, lambda name: name or "own"))


def texts(text: str, *, ssml: bool = False) -> list[str | float]:
    found = pieces(text, ssml=ssml)
    return [piece.text.strip() if isinstance(piece, Speech) else piece.seconds for piece in found]


def test_the_first_sentence_is_a_piece_and_the_others_share_one() -> None:
    assert texts("One. Two. Three.") == ["One.", "Two. Three."]


@pytest.mark.parametrize(
    "text",
    [
        "at 3.5 percent",
        "J. Smith came",
        "the end. not really",
        "yes... or no",
        "he said “no”, and",
        "a.b.c and so on",
    ],
)
def test_a_full_stop_that_ends_no_sentence(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Really?! Yes.", "Really?!"),
        ("He said “no.” Then", "He said “no.”"),
        ("It was 5. Then", "It was 5."),
        ("你好。再见。", "你好。"),
        ("नमस्ते। फिर", "नमस्ते।"),
        ("No end\n\nbut lines", "No end"),
        ("In 2024. 3 more", "In 2024."),
    ],
)
def test_a_mark_that_ends_a_sentence(text: str, first: str) -> None:
    assert texts(text)[0] == first


def test_breaks_voices_and_emotions_separate_pieces() -> None:
    found = pieces('A <break time="2s"/>b [sad] c <voice name="other">d</voice>', ssml=True)
    assert texts('A <break time="2s"/>b [sad] c <voice name="other">d</voice>', ssml=True) == [
        *("A", 2.0, "b", "c", 0.0, "d"),
    ]
    spoken = [piece for piece in found if isinstance(piece, Speech)]
    assert [piece.voice for piece in spoken] == ["own", "own", "own", "other"]
    assert [piece.emotion for piece in spoken] == [*2 * [Emotion.NEUTRAL], *2 * [Emotion.SAD]]
    assert [piece.goes_on for piece in spoken] == [False, True, True, False]
    assert {piece.speed for piece in spoken} == {1.5}


def test_a_long_script_is_split_into_bounded_pieces_without_loss() -> None:
    text = " ".join(f"This is sentence number {number}, which is like any other." for number in range(200))
    found = texts(text)
    assert " ".join(map(str, found)) == text
    assert all(300 < len(str(piece)) < 700 for piece in found[1:-1])


@pytest.mark.parametrize("word", ["word, ", "word "])
def test_a_sentence_without_end_is_split(word: str) -> None:
    found = texts(word * 2000)
    assert max(len(str(piece)) for piece in found) < 1300
    assert sum(len(str(piece).split()) for piece in found) == 2000


@pytest.mark.parametrize(
    "word", ["!" * 50_000 + "a", "," * 50_000 + "a", "a" * 50_000, "1." * 24_000, "(" * 50_000, "." * 50_000]
)
def test_a_word_as_long_as_a_script_is_in_many_pieces(word: str) -> None:
    found = [piece.text for piece in pieces(f"{word} and") if isinstance(piece, Speech)]
    assert "".join(found) == f"{word} and"
    assert max(map(len, found)) < 1500
