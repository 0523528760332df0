from itertools import pairwise

import pytest

from benchmarks.media.workbench import READER, READER_TEXT
from benchmarks.recogniser import WordRecogniser, align_sounds, recognise_sounds, word_errors, words_of
from benchmarks.speech import read_speech


@pytest.mark.parametrize(
    ("reference", "heard", "errors"),
    [
        ("the birch canoe", "the birch canoe", 0),
        ("the birch canoe", "a birch", 2),
        ("the birch canoe", "", 3),
        ("the birch canoe", "the old birch canoe slid", 2),
    ],
)
def test_errors_are_words_missed_added_and_changed(reference: str, heard: str, errors: int) -> None:
    assert word_errors(words_of(reference), words_of(heard)) == errors


def test_words_are_without_punctuation() -> None:
    assert words_of("It's a well-known, “huge” river.") == ["it's", "a", "well", "known", "huge", "river"]


def test_with_a_vocabulary_no_other_word_is_heard() -> None:
    samples, rate = read_speech(READER)
    vocabulary = {"leisure", "power", "there"}
    heard = WordRecogniser(vocabulary).hear(samples, rate)
    assert heard
    assert set(heard) <= vocabulary


def test_the_recording_is_mostly_understood() -> None:
    reference = words_of(READER_TEXT)
    heard = WordRecogniser().hear(*read_speech(READER))
    assert word_errors(reference, heard) < len(reference) / 2


def test_sounds_are_found_with_and_without_the_text() -> None:
    """Both in order; of a known text, most of its sounds are among those that are heard anyway."""
    speech = read_speech(READER)
    aligned, heard = align_sounds(*speech, READER_TEXT), recognise_sounds(*speech)
    for sounds in (aligned, heard):
        assert all(sound.end > sound.start for sound in sounds)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(sounds))
    middles = [(sound.name, (sound.start + sound.end) / 2) for sound in aligned]
    same = [any(h.name == name and h.start <= at <= h.end for h in heard) for name, at in middles]
    assert sum(same) > len(same) / 2
