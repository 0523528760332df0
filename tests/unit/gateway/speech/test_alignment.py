"""Times of characters, computed from the times of words and phonemes."""

import pytest

from services.chassis.engine_api.timeline import TimedPhoneme, TimedWord
from services.gateway.speech.alignment import CharacterAligner, joined

HI = TimedWord("Hi", 0.2, 0.4)
ALL = TimedWord("all", 0.6, 0.9)


def starts(text: str, *words: TimedWord, phonemes: tuple[TimedPhoneme, ...] = (), end: float = 1.0):
    aligner = CharacterAligner(text)
    times = joined([aligner.align(words, phonemes), aligner.finish(end)])
    assert times.characters == text
    assert times.ends[:-1] == times.starts[1:]
    assert times.ends[-1] == pytest.approx(words[-1].end if words and text.endswith(words[-1].text) else end)
    return list(times.starts)


def test_characters_between_words_fill_the_time_between_them():
    assert starts("Hi all.", HI, ALL) == pytest.approx([0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])


def test_characters_of_a_word_follow_its_phonemes():
    phonemes = (TimedPhoneme("h", 0.2, 0.25), TimedPhoneme("aɪ", 0.25, 0.4))
    assert starts("Hi", HI, phonemes=phonemes) == pytest.approx([0.2, 0.25], abs=0.001)


def test_characters_before_the_first_word_end_where_it_begins():
    assert starts("[happy] Hi", HI)[0] == 0
    assert starts("[happy] Hi", HI)[-2:] == pytest.approx([0.2, 0.3])


def test_a_word_that_is_not_in_the_text_is_left_out():
    assert starts("Hi all.", HI, TimedWord("hundred", 0.4, 0.6), ALL) == pytest.approx(
        [0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]
    )


def test_times_never_decrease():
    early = TimedWord("all", 0.3, 0.35)
    found = starts("Hi all.", HI, early)
    assert found == sorted(found)


def test_the_division_into_chunks_does_not_change_the_times():
    aligner = CharacterAligner("Hi all.")
    times = joined(
        [aligner.align([HI], ()), aligner.align([], ()), aligner.align([ALL], ()), aligner.finish(1.0)]
    )
    assert list(times.starts) == pytest.approx(starts("Hi all.", HI, ALL))


def test_a_text_without_spoken_words_still_has_times():
    assert starts("...", end=0.3) == pytest.approx([0, 0.1, 0.2])
