from itertools import pairwise

import pytest

from benchmarks.recogniser import WordRecogniser, align_sounds, recognise_sounds, word_errors, words_of
from benchmarks.speech import read_speech
from tests.examples import READER, READER_TEXT


@pytest.mark.parametrize(
    ("reference", "heard", "errors"),
    [
        ("the birch canoe", "the birch canoe", 0),
        ("the birch canoe", "a birch", 2),
        ("the birch canoe", "", 3),
        ("the birch canoe", "the old birch canoe slid", 2),
    ],
)
def test_word_errors_count_missed_added_and_changed_words(reference: str, heard: str, errors: int) -> None:
    assert word_errors(words_of(reference), words_of(heard)) == errors


def test_words_are_split_without_punctuation() -> None:
    assert words_of("It's a well-known, “huge” river.") == ["it's", "a", "well", "known", "huge", "river"]


def test_only_words_of_the_given_sentences_are_recognised() -> None:
    heard = WordRecogniser(["Leisure, power", "there"]).hear(*read_speech(READER))
    assert heard
    assert set(heard) <= {"leisure", "power", "there"}


def test_the_order_of_the_given_sentences_helps_but_other_orders_are_recognised() -> None:
    """The sentence, beside its reverse, gives fewer errors than its single words; those fewer than all."""
    words = words_of(READER_TEXT)
    given = [" ".join(words), " ".join(words[::-1])]
    right, mixed = (
        word_errors(words, WordRecogniser(texts).hear(*read_speech(READER)))
        for texts in (given, sorted(words))
    )
    assert right < mixed < len(words)


def test_a_small_throat_fits_speech_that_is_played_too_fast() -> None:
    samples, rate = read_speech(READER)
    WordRecogniser([READER_TEXT], throat=1.3)  # an earlier recogniser must not matter
    usual, small = WordRecogniser([READER_TEXT]), WordRecogniser([READER_TEXT], throat=1.3)
    assert small.fit(samples, rate) < usual.fit(samples, rate)
    fast = round(1.3 * rate)
    assert small.fit(samples, fast) > usual.fit(samples, fast)


def test_more_than_half_of_the_recording_is_recognised() -> None:
    reference = words_of(READER_TEXT)
    heard = WordRecogniser().hear(*read_speech(READER))
    assert word_errors(reference, heard) < len(reference) / 2


def test_sounds_are_recognised_with_and_without_the_text() -> None:
    """Both are in order, and most aligned sounds are among those that are recognised without the text."""
    speech = read_speech(READER)
    aligned, heard = align_sounds(*speech, READER_TEXT), recognise_sounds(*speech)
    for sounds in (aligned, heard):
        assert all(sound.end > sound.start for sound in sounds)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(sounds))
    middles = [(sound.name, (sound.start + sound.end) / 2) for sound in aligned]
    same = [any(h.name == name and h.start <= at <= h.end for h in heard) for name, at in middles]
    assert sum(same) > len(same) / 2
