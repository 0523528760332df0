import pytest

from services.voice.engines.sphinx.pronunciation import Pronunciation
from services.voice.engines.whisper.words import spread
from services.voice.engines.whisper_model import HeardText


def words(*texts: str) -> list[Pronunciation]:
    return [Pronunciation(text, text, (), learned=False) for text in texts]


def heard(text: str) -> HeardText:
    return HeardText(text, 1.0, 2.0, -0.1, 0.0)


def test_words_that_cannot_be_aligned_share_the_time_by_their_lengths():
    timed = spread(words("a", "bcd", "efgh"), heard("a bcd efgh"))
    assert [(word.text, word.start, word.end) for word in timed] == [
        ("a", 1.0, pytest.approx(1.125)),
        ("bcd", pytest.approx(1.125), pytest.approx(1.5)),
        ("efgh", pytest.approx(1.5), pytest.approx(2.0)),
    ]


def test_a_segment_without_words_has_none():
    assert spread([], heard("♪")) == ()


@pytest.mark.parametrize(("text", "spoken"), [("Hello.", True), ("7", True), ("♪", False), (". . .", False)])
def test_a_text_without_letters_is_not_spoken(text: str, spoken: bool):
    assert heard(text).is_spoken is spoken
