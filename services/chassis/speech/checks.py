"""What is measured of spoken audio. Only services that have numpy may import this."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.quality import QualityCheck, judge
from services.chassis.engine_api.timeline import SpeechTimeline, TimedWord
from services.chassis.speech.loudness import BLOCK_SECONDS, integrated_loudness

Samples = NDArray[np.floating]

FULL_SCALE = 0.999
RUN = 3
"""So many samples in a row at full scale are no peak, but a cut."""
MAX_CLIPPED = 0.0005
CLIPPING = "clipping"
STEP_SECONDS = 0.01
SILENT_DB = -45.0
"""Below the loudest hundredth of a second."""
MAX_LEADING_SECONDS = 1.0
MAX_DROPOUT_SECONDS = 0.4
MAX_PAUSE_SECONDS = 6.0
SLOWEST, FASTEST = 1.0, 9.0
"""Syllables a second while words are spoken."""
FEWEST_SYLLABLES = 6
QUIETEST_LUFS, LOUDEST_LUFS = -40.0, -8.0
_VOWELS = frozenset("aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")


def speech_checks(
    samples: Samples, rate: int, timeline: SpeechTimeline | None = None, *, speed: float | None = 1.0
) -> tuple[QualityCheck, ...]:
    """Of mono samples from -1 to 1, shape (n,).

    `speed` is the rate that was asked for, 1 being normal; `None` leaves the rate alone.
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
    """The part of the samples that stand in runs at full scale."""
    full = np.abs(samples) >= FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]])))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= RUN].sum() / max(1, len(samples)))


def silent_steps(samples: Samples, rate: int) -> NDArray[np.bool_]:
    """For each hundredth of a second whether nothing is heard."""
    size = max(1, round(STEP_SECONDS * rate))
    steps = samples[: len(samples) // size * size].astype(np.float32).reshape(-1, size)
    power = np.square(steps).mean(axis=1)
    return power <= max(float(power.max(initial=0.0)) * 10 ** (SILENT_DB / 10), 1e-10)


def _clipping(samples: Samples) -> QualityCheck:
    share = clipped_share(samples)
    return judge(
        CLIPPING, share, upper=MAX_CLIPPED, seen=f"{share:.2%} of the samples are cut at full scale."
    )


def _leading_silence(silent: NDArray[np.bool_]) -> QualityCheck:
    heard = np.flatnonzero(~silent)
    seconds = float(heard[0] if len(heard) else len(silent)) * STEP_SECONDS
    seen = f"The speech begins after {seconds:.1f} s of silence."
    return judge("leading_silence", seconds, "s", upper=MAX_LEADING_SECONDS, seen=seen)


def _inner_silence(silent: NDArray[np.bool_], timeline: SpeechTimeline | None) -> QualityCheck:
    """Within words where they are known; pauses between words may have been asked for."""
    if timeline is not None and timeline.words:
        seconds = max(_longest_silence(silent, word) for word in timeline.words)
        seen = f"Nothing is heard for {seconds:.1f} s within a word."
        return judge("inner_silence", seconds, "s", upper=MAX_DROPOUT_SECONDS, seen=seen)
    heard = np.flatnonzero(~silent)
    seconds = float(np.diff(heard).max(initial=1) - 1) * STEP_SECONDS
    seen = f"Nothing is heard for {seconds:.1f} s in the middle of the speech."
    return judge("inner_silence", seconds, "s", upper=MAX_PAUSE_SECONDS, seen=seen)


def _longest_silence(silent: NDArray[np.bool_], word: TimedWord) -> float:
    within = silent[round(word.start / STEP_SECONDS) : round(word.end / STEP_SECONDS)]
    sounding = np.flatnonzero(np.concatenate([[True], ~within, [True]]))
    return float(np.diff(sounding).max() - 1) * STEP_SECONDS


def _speaking_rate(timeline: SpeechTimeline, speed: float) -> Iterator[QualityCheck]:
    """None of a text too short to tell, or without phonemes."""
    syllables = count_syllables(phoneme.ipa for phoneme in timeline.phonemes)
    seconds = sum(phoneme.end - phoneme.start for phoneme in timeline.phonemes)
    if syllables < FEWEST_SYLLABLES or seconds <= 0:
        return
    rate = syllables / seconds
    pace = "slowly" if rate < SLOWEST * speed else "fast"
    seen = f"It speaks {pace}: {rate:.1f} syllables a second."
    yield judge(
        "speaking_rate", rate, "syllables/s", lower=SLOWEST * speed, upper=FASTEST * max(speed, 1), seen=seen
    )


def count_syllables(phonemes: Iterable[str]) -> int:
    return sum(any(letter in _VOWELS for letter in ipa) for ipa in phonemes)


def _loudness(samples: Samples, rate: int) -> Iterator[QualityCheck]:
    """None of a word that is too short to have one."""
    if len(samples) < round(BLOCK_SECONDS * rate):
        return
    lufs = integrated_loudness(samples, rate)
    seen = f"It is too {'quiet' if lufs < QUIETEST_LUFS else 'loud'}: {lufs:.0f} LUFS."
    yield judge("loudness", lufs, "LUFS", lower=QUIETEST_LUFS, upper=LOUDEST_LUFS, seen=seen)
