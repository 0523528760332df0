"""Measures whether the mouth moves as the sounds ask for, and when."""

from dataclasses import dataclass

import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.puppet.geometry.types import Array
from services.video.engines.puppet.mouth.phonetics import lip_segments

MIN_PHONEMES, MIN_SECONDS = 12, 1.0
MAX_LAG = 0.2
RATE = 200.0
SMOOTHING = 0.04
"""Seconds: about what lips take from one sound to the next."""
POWER_STEPS = 20


@dataclass(frozen=True, slots=True)
class LipSync:
    """Match of mouth and sounds: the mouth is late by `seconds`, with the `correlation` at this offset."""

    seconds: float
    correlation: float


def lip_sync(mouth: Array, fps: float, timeline: SpeechTimeline) -> LipSync | None:
    """Compares the mouth with the sounds; `None` if there is too little speech.

    `mouth` is (frames, points): the brightness of places on the mouth.
    """
    seconds = min(len(mouth) / fps, timeline.duration)
    spoken = [phoneme for phoneme in timeline.phonemes if phoneme.end <= seconds]
    if len(spoken) < MIN_PHONEMES or seconds < MIN_SECONDS:
        return None
    times = np.arange(int(seconds * RATE)) / RATE
    shown = (np.arange(len(mouth)) + 0.5) / fps
    seen = np.interp(times, shown, main_movement(mouth))
    expected = expected_opening(timeline, times)
    lags = np.arange(-round(MAX_LAG * RATE), round(MAX_LAG * RATE) + 1)
    scores = np.array([_correlation(seen, expected, int(lag)) for lag in lags])
    # The sign is left out: whether an open mouth is bright or dark depends on the portrait.
    best = int(np.argmax(np.abs(scores)))
    return LipSync(float(lags[best]) / RATE, float(abs(scores[best])))


def main_movement(mouth: Array) -> Array:
    """Returns the first principal component, (frames,), which is the opening of a mouth that speaks."""
    centred = mouth - mouth.mean(axis=0)
    # A product of matrices this large would wake the threads of BLAS, which spin for a while afterwards.
    covariance = np.einsum("fp,fq->pq", centred, centred)
    axis = covariance[np.argmax(np.diagonal(covariance))]
    # Power iteration is far faster than computing all of the eigenvectors.
    for _ in range(POWER_STEPS):
        axis = covariance @ axis / max(float(np.linalg.norm(axis)), 1e-9)
    return np.asarray(np.einsum("fp,p->f", centred, axis), dtype=np.float64)


def expected_opening(timeline: SpeechTimeline, times: Array) -> Array:
    """Returns how far the sounds want the lips open, smoothed alike to both sides."""
    opening = np.zeros(len(times), dtype=np.float64)
    for segment in lip_segments(timeline.phonemes):
        first, last = np.searchsorted(times, [segment.start, segment.end])
        opening[first:last] = segment.viseme.pose.open
    reach = np.arange(-3 * SMOOTHING, 3 * SMOOTHING, 1 / RATE)
    bell = np.exp(-((reach / SMOOTHING) ** 2) / 2)
    return np.asarray(np.convolve(opening, bell / bell.sum(), mode="same"), dtype=np.float64)


def _correlation(seen: Array, expected: Array, lag: int) -> float:
    count = len(seen) - abs(lag)
    first, second = seen[max(0, lag) :][:count], expected[max(0, -lag) :][:count]
    spread = float(first.std() * second.std())
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread else 0.0
