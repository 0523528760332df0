"""Quality checks of spoken audio. Only services that have numpy may import this."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.quality import QualityCheck, judge
from services.chassis.engine_api.timeline import SpeechTimeline, TimedWord
from services.chassis.speech.loudness import BLOCK_SECONDS, integrated_loudness

Samples = NDArray[np.floating]

FULL_SCALE = 0.999
"""Absolute value from which a sample counts as full scale."""
MIN_CLIPPED_RUN = 3
"""Number of consecutive samples at full scale that count as clipping; fewer are a peak."""
MAX_CLIPPED_SHARE = 0.0005
"""Share of clipped samples above which the check fails."""
CLIPPING = "clipping"
STEP_SECONDS = 0.01
SILENT_DB = -45.0
"""Level of silence, in dB relative to the loudest hundredth of a second."""
MAX_LEADING_SECONDS = 1.0
MAX_DROPOUT_SECONDS = 0.4
MAX_PAUSE_SECONDS = 6.0
MIN_SYLLABLES_PER_SECOND, MAX_SYLLABLES_PER_SECOND = 1.0, 9.0
"""Bounds of the speaking rate while words are spoken, at normal speed."""
MIN_SYLLABLES = 6
"""Number of syllables below which no speaking rate is measured."""
MIN_LUFS, MAX_LUFS = -40.0, -8.0
_VOWELS = frozenset("aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")


def speech_checks(
    samples: Samples, rate: int, timeline: SpeechTimeline | None = None, *, speed: float | None = 1.0
) -> tuple[QualityCheck, ...]:
    """Returns the checks of mono samples from -1 to 1, shape (n,).

    `speed` is the requested rate, 1 being normal; `None` skips the speaking rate.
    """
    silent = silent_steps(samples, rate)
    return (
        _clipping(samples),
        _leading_silence(silent),
        _inner_silence(silent, timeline),
        *(_speaking_rate(timeline, speed) if timeline and speed else ()),
        *_loudness(samples, rate),
    )


def clipped_share(samples: Samples) -> float:
    """Returns the share of the samples that are part of runs at full scale."""
    full = np.abs(samples) >= FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]])))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= MIN_CLIPPED_RUN].sum() / max(1, len(samples)))


def silent_steps(samples: Samples, rate: int) -> NDArray[np.bool_]:
    """Returns for each hundredth of a second whether it is silent."""
    size = max(1, round(STEP_SECONDS * rate))
    steps = samples[: len(samples) // size * size].astype(np.float32).reshape(-1, size)
    power = np.square(steps).mean(axis=1)
    return power <= max(float(power.max(initial=0.0)) * 10 ** (SILENT_DB / 10), 1e-10)


def _clipping(samples: Samples) -> QualityCheck:
    share = clipped_share(samples)
    return judge(
        CLIPPING, share, upper=MAX_CLIPPED_SHARE, seen=f"{share:.2%} of the samples are cut at full scale."
    )


def _leading_silence(silent: NDArray[np.bool_]) -> QualityCheck:
    heard = np.flatnonzero(~silent)
    seconds = float(heard[0] if len(heard) else len(silent)) * STEP_SECONDS
    seen = f"The speech begins after {seconds:.1f} s of silence."
    return judge("leading_silence", seconds, "s", upper=MAX_LEADING_SECONDS, seen=seen)


def _inner_silence(silent: NDArray[np.bool_], timeline: SpeechTimeline | None) -> QualityCheck:
    """Checks silence within words where they are known; pauses between words may be intended."""
    if timeline is not None and timeline.words:
        seconds = max(_longest_silence(silent, word) for word in timeline.words)
        seen = f"Nothing is heard for {seconds:.1f} s within a word."
        return judge("inner_silence", seconds, "s", upper=MAX_DROPOUT_SECONDS, seen=seen)
    heard = np.flatnonzero(~silent)
    seconds = float(np.diff(heard).max(initial=1) - 1) * STEP_SECONDS
    seen = f"Nothing is heard for {seconds:.1f} s in the middle of the speech."
    return judge("inner_silence", seconds, "s", upper=MAX_PAUSE_SECONDS, seen=seen)


def _longest_silence(silent: NDArray[np.bool_], word: TimedWord) -> float:
    """Returns the longest silence within the word in seconds."""
    within = silent[round(word.start / STEP_SECONDS) : round(word.end / STEP_SECONDS)]
    sounding = np.flatnonzero(np.concatenate([[True], ~within, [True]]))
    return float(np.diff(sounding).max() - 1) * STEP_SECONDS


def _speaking_rate(timeline: SpeechTimeline, speed: float) -> Iterator[QualityCheck]:
    """Skips texts that are too short for a rate, and those without phonemes."""
    syllables = count_syllables(phoneme.ipa for phoneme in timeline.phonemes)
    seconds = sum(phoneme.end - phoneme.start for phoneme in timeline.phonemes)
    if syllables < MIN_SYLLABLES or seconds <= 0:
        return
    rate = syllables / seconds
    pace = "slowly" if rate < MIN_SYLLABLES_PER_SECOND * speed else "fast"
    seen = f"It speaks {pace}: {rate:.1f} syllables a second."
    yield judge(
        "speaking_rate",
        rate,
        "syllables/s",
        lower=MIN_SYLLABLES_PER_SECOND * speed,
        upper=MAX_SYLLABLES_PER_SECOND * max(speed, 1),
        seen=seen,
    )


def count_syllables(phonemes: Iterable[str]) -> int:
    """Returns the number of phonemes that contain a vowel."""
    return sum(any(letter in _VOWELS for letter in ipa) for ipa in phonemes)


def _loudness(samples: Samples, rate: int) -> Iterator[QualityCheck]:
    """Skips samples shorter than one loudness block."""
    if len(samples) < round(BLOCK_SECONDS * rate):
        return
    lufs = integrated_loudness(samples, rate)
    seen = f"It is too {'quiet' if lufs < MIN_LUFS else 'loud'}: {lufs:.0f} LUFS."
    yield judge("loudness", lufs, "LUFS", lower=MIN_LUFS, upper=MAX_LUFS, seen=seen)
