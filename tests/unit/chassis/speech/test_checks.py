"""Speech checks pass for good speech, and describe each defect."""

import numpy as np
import pytest

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme, TimedWord
from services.chassis.speech.checks import clipped_share, count_syllables, speech_checks

RATE = 16_000
WORDS = tuple(TimedWord("word", 0.2 + 0.5 * n, 0.6 + 0.5 * n) for n in range(8))
PHONEMES = tuple(
    TimedPhoneme(ipa, word.start + 0.2 * n, word.start + 0.2 * (n + 1))
    for word in WORDS
    for n, ipa in enumerate(("ba", "ɪ"))
)
TIMELINE = SpeechTimeline(4.4, words=WORDS, phonemes=PHONEMES)
NAMES = ["clipping", "leading_silence", "inner_silence", "speaking_rate", "loudness"]


def speech(gain: float = 0.2) -> np.ndarray:
    """Returns a tone through each word."""
    seconds = np.arange(round(TIMELINE.duration * RATE)) / RATE
    sounding = np.zeros(len(seconds))
    for word in WORDS:
        sounding[round(word.start * RATE) : round(word.end * RATE)] = 1
    return gain * sounding * np.sin(2 * np.pi * 220 * seconds)


def failed(samples: np.ndarray, timeline: SpeechTimeline | None = TIMELINE, speed: float = 1.0) -> list[str]:
    checks = speech_checks(samples, RATE, timeline, speed=speed)
    assert all(check.passed or check.message for check in checks)
    return [check.name for check in checks if not check.passed]


def find(checks: tuple[QualityCheck, ...], name: str) -> QualityCheck:
    return next(check for check in checks if check.name == name)


def test_good_speech_passes_all() -> None:
    checks = speech_checks(speech(), RATE, TIMELINE)
    assert [check.name for check in checks] == NAMES
    assert all(check.passed for check in checks)
    assert find(checks, "leading_silence").value == pytest.approx(0.2, abs=0.011)
    assert find(checks, "speaking_rate").value == pytest.approx(5.0)


def test_cut_peaks_are_clipping_and_single_ones_are_not() -> None:
    assert failed(np.clip(speech(5.0), -1, 1)) == ["clipping", "loudness"]
    peaks = speech()
    peaks[::100] = 1.0
    assert clipped_share(peaks) == 0


def test_silence_before_the_speech_is_seen() -> None:
    late = np.concatenate([np.zeros(2 * RATE), speech()])
    (check,) = [each for each in speech_checks(late, RATE) if not each.passed]
    assert (check.name, check.message) == ("leading_silence", "The speech begins after 2.2 s of silence.")


def test_a_word_that_breaks_off_is_seen_and_a_pause_between_words_is_not() -> None:
    long_word = TimedWord("long", 0.2, 2.0)
    broken = speech()
    broken[round(0.4 * RATE) : round(1.4 * RATE)] = 0
    timeline = SpeechTimeline(4.4, words=(long_word, *WORDS[4:]), phonemes=PHONEMES)
    assert failed(broken, timeline) == ["inner_silence"]
    assert failed(broken, SpeechTimeline(4.4, words=WORDS[4:], phonemes=PHONEMES)) == []


def test_without_words_a_long_pause_is_seen() -> None:
    paused = np.concatenate([speech(), np.zeros(8 * RATE), speech()])
    assert failed(paused, None) == ["inner_silence"]
    assert failed(np.concatenate([speech(), np.zeros(RATE), speech()]), None) == []


@pytest.mark.parametrize(("factor", "word"), [(0.2, "fast"), (6.0, "slowly")])
def test_an_unusual_pace_is_reported(factor: float, word: str) -> None:
    checks = speech_checks(speech(), RATE, TIMELINE.scaled(factor))
    check = find(checks, "speaking_rate")
    assert not check.passed
    assert word in check.message


@pytest.mark.parametrize(("factor", "speed"), [(0.25, 4.0), (4.0, 0.25)])
def test_a_requested_pace_passes(factor: float, speed: float) -> None:
    checks = speech_checks(speech(), RATE, TIMELINE.scaled(factor), speed=speed)
    assert find(checks, "speaking_rate").passed


def test_a_few_syllables_have_no_pace() -> None:
    short = SpeechTimeline(4.4, words=WORDS[:2], phonemes=PHONEMES[:4])
    assert "speaking_rate" not in [check.name for check in speech_checks(speech(), RATE, short)]


@pytest.mark.parametrize(("gain", "word"), [(0.002, "quiet"), (0.99, "loud")])
def test_what_is_too_quiet_or_too_loud_is_seen(gain: float, word: str) -> None:
    check = find(speech_checks(speech(gain), RATE), "loudness")
    assert not check.passed
    assert word in check.message


def test_every_vowel_is_a_syllable() -> None:
    assert count_syllables(["h", "ə", "l", "oʊ", "ɹ", "ɛ", "d"]) == 3


def test_silence_is_measured() -> None:
    assert failed(np.zeros(2 * RATE), None) == ["leading_silence", "loudness"]


def test_a_word_too_short_to_have_a_loudness_is_not_too_quiet() -> None:
    assert failed(speech(1.0)[: round(0.39 * RATE)], None) == []
