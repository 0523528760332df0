import pytest

from services.voice.engines.sphinx.pronunciation import Pronunciation
from services.voice.engines.whisper.words import spread
from services.voice.engines.whisper_model import HeardText, within


def words(*texts: str) -> list[Pronunciation]:
    return [Pronunciation(text, text, (), learned=False) for text in texts]


def heard(text: str, start: float = 1.0, end: float = 2.0) -> HeardText:
    return HeardText(text, start, end, -0.1, 0.0)


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


@pytest.mark.parametrize(
    ("times", "kept"),
    [
        ([(0.0, 1.5), (1.5, 3.0)], [(0.0, 1.5), (1.5, 3.0)]),
        ([(0.0, 2.0), (2.0, 29.98)], [(0.0, 2.0), (2.0, 3.0)]),
        ([(0.0, 2.0), (1.5, 2.5)], [(0.0, 2.0), (2.0, 2.5)]),
        ([(0.0, 2.0), (0.5, 1.0)], [(0.0, 2.0), (2.0, 2.0)]),
        ([(4.0, 5.0)], [(3.0, 3.0)]),
        ([(-0.1, 0.5)], [(0.0, 0.5)]),
    ],
)
def test_what_is_heard_is_in_order_and_within_the_recording(
    times: list[tuple[float, float]], kept: list[tuple[float, float]]
):
    timed = within((heard("word", *each) for each in times), 3.0)
    assert [(each.start, each.end) for each in timed] == kept
