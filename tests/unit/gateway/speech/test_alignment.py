"""When each character is said."""

import pytest

from services.chassis.engine_api.timeline import TimedPhoneme, TimedWord
from services.gateway.speech.alignment import CharacterClock, joined

HI = TimedWord("Hi", 0.2, 0.4)
ALL = TimedWord("all", 0.6, 0.9)


def starts(text: str, *words: TimedWord, phonemes: tuple[TimedPhoneme, ...] = (), end: float = 1.0):
    clock = CharacterClock(text)
    times = joined([clock.take(words, phonemes), clock.finish(end)])
    assert times.characters == text
    assert times.ends[:-1] == times.starts[1:]
    assert times.ends[-1] == pytest.approx(words[-1].end if words and text.endswith(words[-1].text) else end)
    return list(times.starts)


def test_words_have_their_times_and_what_is_between_them_the_time_between():
    assert starts("Hi all.", HI, ALL) == pytest.approx([0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])


def test_letters_follow_the_phonemes_of_their_word():
    phonemes = (TimedPhoneme("h", 0.2, 0.25), TimedPhoneme("aɪ", 0.25, 0.4))
    assert starts("Hi", HI, phonemes=phonemes) == pytest.approx([0.2, 0.25], abs=0.001)


def test_what_stands_before_the_first_word_is_said_before_it():
    assert starts("[happy] Hi", HI)[0] == 0
    assert starts("[happy] Hi", HI)[-2:] == pytest.approx([0.2, 0.3])


def test_a_word_that_is_not_in_the_text_is_left_out():
    assert starts("Hi all.", HI, TimedWord("hundred", 0.4, 0.6), ALL) == pytest.approx(
        [0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]
    )


def test_the_clock_never_goes_back():
    early = TimedWord("all", 0.3, 0.35)
    found = starts("Hi all.", HI, early)
    assert found == sorted(found)


def test_how_the_words_come_in_chunks_is_not_seen():
    clock = CharacterClock("Hi all.")
    times = joined([clock.take([HI], ()), clock.take([], ()), clock.take([ALL], ()), clock.finish(1.0)])
    assert list(times.starts) == pytest.approx(starts("Hi all.", HI, ALL))


def test_a_text_of_which_nothing_is_said_still_has_times():
    assert starts("...", end=0.3) == pytest.approx([0, 0.1, 0.2])
