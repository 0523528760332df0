"""Words and phonemes timed by the durations of signs and by the level of the sound."""

from itertools import pairwise

import numpy as np
import pytest

from services.chassis.engine_api.timeline import Stress
from services.tts.engines.neural.marks import Mark
from services.tts.engines.neural.timing import (
    LATE_CONSONANT,
    LATE_VOWEL,
    LATE_WORD,
    LEVEL_SECONDS,
    WordTime,
    loudness_levels,
    time_words,
)

LEAD = 0.3
BOUND = "|"


def times(signs: str, seconds: float = 0.1, quiet: tuple[float, float] = (9.0, 9.0)) -> tuple[WordTime, ...]:
    """Times signs of equal length, whose words end at spaces and bounds, which are no signs; the sound is
    loud from the first sign to the last, but for `quiet`."""
    marks, token = list[Mark](), 0
    for sign in signs:
        if sign == BOUND:
            token += 1
            continue
        marks.append(Mark(sign, token))
        token += sign == " "
    end = LEAD + seconds * len(marks)
    at = np.arange(0, end + 0.3, LEVEL_SECONDS)
    loud = (at >= LEAD) & (at < end) & ~((at >= quiet[0]) & (at < quiet[1]))
    return time_words(marks, [seconds] * len(marks), LEAD, loud.astype(np.float32))


def test_a_space_belongs_to_the_word_behind_it() -> None:
    first, second = times("sˈɪ lˈO", seconds=0.05)
    assert second.start == first.end == pytest.approx(LEAD + 3 * 0.05 - LATE_WORD)


@pytest.mark.parametrize(("sign", "late"), [("n", LATE_CONSONANT), ("ɨ", LATE_VOWEL)])
def test_a_word_without_a_space_before_it_begins_as_its_sound_does(sign: str, late: float) -> None:
    first, second = times(f"na↓|{sign}o")
    assert second.start == first.end == pytest.approx(LEAD + 3 * 0.1 - late)


def test_sounds_within_a_word_begin_earlier_than_their_durations() -> None:
    (word,) = times("nˈAt")
    assert [phoneme.ipa for phoneme in word.phonemes] == ["n", "eɪ", "t"]
    assert word.phonemes[1].start == pytest.approx(LEAD + 0.1 - LATE_VOWEL)  # at its stress mark
    assert word.phonemes[2].start == pytest.approx(LEAD + 0.3 - LATE_CONSONANT)
    assert [phoneme.stress for phoneme in word.phonemes] == [Stress.NONE, Stress.PRIMARY, Stress.NONE]


@pytest.mark.parametrize("sign", [",", ".", "—", " "])
def test_around_a_pause_the_sound_tells_where_words_end_and_begin(sign: str) -> None:
    first, second = times(f"mˈA{sign} lˈO", seconds=0.12, quiet=(0.68, 0.75))
    assert first.end == pytest.approx(0.68, abs=LEVEL_SECONDS)
    assert second.start == pytest.approx(0.75, abs=0.03)


def test_without_silence_a_pause_parts_words_by_their_durations() -> None:
    first, second = times("mˈA, lˈO")
    assert second.start == first.end == pytest.approx(LEAD + 0.3 - LATE_WORD)


def test_words_are_in_order_and_their_phonemes_fill_them() -> None:
    words = times("ðə kwˈɪk bɹˈWn fˈɑks", seconds=0.03)
    assert [word.token for word in words] == [0, 1, 2, 3]
    assert all(a.end <= b.start for a, b in pairwise(words))
    for word in words:
        assert (word.phonemes[0].start, word.phonemes[-1].end) == (word.start, word.end)
        assert all(a.end == b.start and a.start < a.end for a, b in pairwise(word.phonemes))


def test_a_mark_may_say_what_it_sounds_like() -> None:
    (word,) = time_words([Mark("k", 0), Mark("y", 0, ipa="ɪ")], [0.1, 0.1], LEAD, np.ones(200, np.float32))
    assert [phoneme.ipa for phoneme in word.phonemes] == ["k", "ɪ"]


def test_signs_without_sound_are_no_words() -> None:
    assert times("...") == ()
    assert [word.token for word in times("… hˈO")] == [1]


def test_levels_are_shares_of_the_highest() -> None:
    samples = np.concatenate([np.zeros(2400), np.full(2400, 0.5), np.full(2400, 0.25)]).astype(np.float32)
    levels = loudness_levels(samples, 24_000)
    assert len(levels) == 60
    assert levels[[5, 30, 50]] == pytest.approx([0.0, 1.0, 0.5], abs=1e-3)
