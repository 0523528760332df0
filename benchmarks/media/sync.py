"""Whether the mouth moves when the sounds are heard, whatever drew it: by cross-correlation."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.media.mouth_track import MouthTrack
from benchmarks.recogniser import HeardSound
from services.chassis.engine_api.timeline import TimedPhoneme

STEPS_PER_SECOND = 200
FARTHEST_SECONDS = 0.25
SMOOTHING_SECONDS = 0.04
"""Lips take about so long from one sound to the next; smoothing is symmetric and shifts nothing."""
CLOSED = 0.02
"""Of the distance of the eyes' corners: in a portrait of 512 pixels less than two pixels."""
OTHER_SOUND = 0.3
_CLASSES: tuple[tuple[float, tuple[str, ...], str], ...] = (
    (1.0, ("AA", "AE", "AO", "AW", "AY", "AH"), "aɑɒæɐʌɔ"),
    (0.7, ("EH", "ER", "EY", "OW", "OY"), "eɛøœəɜoɚɝɤɵɘɞ"),
    (0.5, ("IH", "IY", "UH", "UW"), "iyɪʏuʊɨʉɯᵻ"),
    (0.15, ("F", "V", "W"), "fvwʋɱ"),
    (0.0, ("M", "B", "P", "SIL"), "mbpɸβ"),
)
_OPENNESS = {sound: open_ for open_, names, letters in _CLASSES for sound in (*names, *letters)}
BILABIALS = frozenset(("M", "B", "P", "m", "b", "p"))
Signal = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sync:
    """`milliseconds` above zero: the mouth is late. `correlation` is that at this offset."""

    milliseconds: float
    correlation: float


def heard_from_timeline(phonemes: Iterable[TimedPhoneme]) -> list[HeardSound]:
    """An IPA phoneme by its first letter, which is the one that sets the mouth."""
    return [HeardSound(phoneme.ipa[0], phoneme.start, phoneme.end) for phoneme in phonemes]


def sync_of(track: MouthTrack, sounds: Iterable[HeardSound]) -> Sync:
    seen = seen_opening(track)
    expected = expected_opening(sounds, len(seen))
    reach = round(FARTHEST_SECONDS * STEPS_PER_SECOND)
    scores = np.array([_correlation(seen, expected, lag) for lag in range(-reach, reach + 1)])
    best = int(np.argmax(scores))
    lag = best - reach + _vertex(scores, best)
    return Sync(1000 * lag / STEPS_PER_SECOND, float(scores[best]))


def bilabial_frames(track: MouthTrack, sounds: Iterable[HeardSound]) -> NDArray[np.bool_]:
    """For each picture shown in the middle of /m/, /b/ or /p/ whether the lips are closed."""
    within = np.zeros(len(track.seconds), dtype=bool)
    for sound in sounds:
        if sound.name in BILABIALS:
            within |= (track.seconds >= sound.start) & (track.seconds < sound.end)
    return track.opening[within] <= CLOSED


def seen_opening(track: MouthTrack) -> Signal:
    """The opening at every step from zero to the last picture."""
    found = ~np.isnan(track.opening)
    steps = np.arange(int(track.seconds[-1] * STEPS_PER_SECOND)) / STEPS_PER_SECOND
    return np.interp(steps, track.seconds[found], track.opening[found])


def expected_opening(sounds: Iterable[HeardSound], count: int) -> Signal:
    """How open a mouth is for what is heard: 0 closed to 1 open, smoothed as lips smooth it."""
    signal = np.zeros(count)
    for sound in sounds:
        start, end = (round(each * STEPS_PER_SECOND) for each in (sound.start, sound.end))
        signal[start:end] = _OPENNESS.get(sound.name, OTHER_SOUND)
    reach = round(3 * SMOOTHING_SECONDS * STEPS_PER_SECOND)
    steps = np.arange(-reach, reach + 1) / STEPS_PER_SECOND
    bell = np.exp(-((steps / SMOOTHING_SECONDS) ** 2) / 2)
    return np.convolve(signal, bell / bell.sum(), mode="same")


def _correlation(seen: Signal, expected: Signal, lag: int) -> float:
    """With the expected signal moved later by `lag` steps."""
    count = len(seen) - abs(lag)
    first, second = seen[max(0, lag) :][:count], expected[max(0, -lag) :][:count]
    return float(np.corrcoef(first, second)[0, 1])


def _vertex(scores: Signal, best: int) -> float:
    """Where between the steps the best score is, from -0.5 to 0.5, by a parabola through three."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, at, after = scores[best - 1 : best + 2]
    return float((before - after) / (2 * (before - 2 * at + after)))
