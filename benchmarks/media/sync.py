"""Measures the offset between a mouth's movement and the sounds by cross-correlation, for any renderer."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.media.mouth_track import MouthTrack
from benchmarks.recogniser import HeardSound
from services.chassis.engine_api.timeline import TimedPhoneme

STEPS_PER_SECOND = 200
MAX_OFFSET_SECONDS = 0.25
SMOOTHING_SECONDS = 0.04
"""About the time that lips take from one sound to the next. The smoothing is symmetric and shifts nothing."""
CLOSED = 0.02
"""The largest opening that counts as closed, relative to the distance of the eyes' corners: less than two
pixels in a portrait of 512 pixels."""
OTHER_SOUND = 0.3
"""Expected opening for sounds that are in no class."""
# Expected opening from 0 to 1; ARPABET phones; IPA letters.
_CLASSES: tuple[tuple[float, tuple[str, ...], str], ...] = (
    (1.0, ("AA", "AE", "AO", "AW", "AY", "AH"), "aɑɒæɐʌɔ"),
    (0.7, ("EH", "ER", "EY", "OW", "OY"), "eɛøœəɜoɚɝɤɵɘɞ"),
    (0.5, ("IH", "IY", "UH", "UW"), "iyɪʏuʊɨʉɯᵻ"),
    (0.15, ("F", "V", "W"), "fvwʋɱɸβ"),
    (0.0, ("M", "B", "P", "SIL"), "mbp"),
)
_OPENNESS = {sound: open_ for open_, names, letters in _CLASSES for sound in (*names, *letters)}
BILABIALS = frozenset(("M", "B", "P", "m", "b", "p"))
Signal = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sync:
    """The offset of a mouth: late if `milliseconds` is positive. `correlation` is the one at this offset."""

    milliseconds: float
    correlation: float


def heard_from_timeline(phonemes: Iterable[TimedPhoneme]) -> list[HeardSound]:
    """Returns the phonemes as sounds, named by their first IPA letter, which decides the mouth's shape."""
    return [HeardSound(phoneme.ipa[0], phoneme.start, phoneme.end) for phoneme in phonemes]


def sync_of(track: MouthTrack, sounds: Iterable[HeardSound]) -> Sync:
    """Returns the offset with the highest correlation, within a quarter of a second."""
    seen = seen_opening(track)
    expected = expected_opening(sounds, len(seen))
    reach = round(MAX_OFFSET_SECONDS * STEPS_PER_SECOND)
    scores = np.array([_correlation(seen, expected, lag) for lag in range(-reach, reach + 1)])
    best = int(np.argmax(scores))
    lag = best - reach + _vertex(scores, best)
    return Sync(1000 * lag / STEPS_PER_SECOND, float(scores[best]))


def bilabial_frames(track: MouthTrack, sounds: Iterable[HeardSound]) -> NDArray[np.bool_]:
    """Returns whether the lips are closed, for each picture whose middle is within /m/, /b/ or /p/."""
    within = np.zeros(len(track.seconds), dtype=bool)
    for sound in sounds:
        if sound.name in BILABIALS:
            within |= (track.seconds >= sound.start) & (track.seconds < sound.end)
    return track.opening[within] <= CLOSED


def seen_opening(track: MouthTrack) -> Signal:
    """Returns the opening at every step from zero to the last picture."""
    found = ~np.isnan(track.opening)
    steps = np.arange(int(track.seconds[-1] * STEPS_PER_SECOND)) / STEPS_PER_SECOND
    return np.interp(steps, track.seconds[found], track.opening[found])


def expected_opening(sounds: Iterable[HeardSound], count: int) -> Signal:
    """Returns the opening that fits the sounds, from 0 closed to 1 open, smoothed as lips smooth it."""
    signal = np.zeros(count)
    for sound in sounds:
        start, end = (round(each * STEPS_PER_SECOND) for each in (sound.start, sound.end))
        signal[start:end] = _OPENNESS.get(sound.name, OTHER_SOUND)
    reach = round(3 * SMOOTHING_SECONDS * STEPS_PER_SECOND)
    steps = np.arange(-reach, reach + 1) / STEPS_PER_SECOND
    bell = np.exp(-((steps / SMOOTHING_SECONDS) ** 2) / 2)
    return np.convolve(signal, bell / bell.sum(), mode="same").astype(np.float64, copy=False)


def _correlation(seen: Signal, expected: Signal, lag: int) -> float:
    """Returns the correlation with the expected signal moved later by `lag` steps."""
    count = len(seen) - abs(lag)
    first, second = seen[max(0, lag) :][:count], expected[max(0, -lag) :][:count]
    return float(np.corrcoef(first, second)[0, 1])


def _vertex(scores: Signal, best: int) -> float:
    """Returns the maximum's position between steps, from -0.5 to 0.5, by a parabola through three scores."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, at, after = scores[best - 1 : best + 2]
    return float((before - after) / (2 * (before - 2 * at + after)))
