"""The lips frame by frame: coarticulation by dominance, after Cohen and Massaro (1993)."""

from collections.abc import Iterable, Iterator

import numpy as np

from services.chassis.timeline import SpeechTimeline
from services.video.engines.puppet.feature_frame import Array
from services.video.engines.puppet.lip_pose import COLUMNS, Track
from services.video.engines.puppet.phonetics import SILENCE, LipSegment, lip_segments

SPREAD_SECONDS = 0.055
REACH_SECONDS = 0.4
RAMP_SECONDS = 0.06
SHORTEST_PAUSE = 0.09
_OPENING = [COLUMNS[name] for name in ("open", "jaw", "tongue")]
_PRESS, _TUCK, _OPEN = COLUMNS["press"], COLUMNS["tuck"], COLUMNS["open"]
_TUCKED_OPEN = 0.055


def frame_times(frames: int, fps: float) -> np.ndarray:
    """The middle of each frame's time on the screen, in seconds."""
    return (np.arange(frames) + 0.5) / fps


def lip_track(timeline: SpeechTimeline, frames: int, fps: float) -> Track:
    """(frames, len(COLUMNS)): the lip pose at each frame.

    In every frame within a bilabial the lips are closed, and in the middle of every pause they rest.
    """
    segments = list(_with_pauses(lip_segments(timeline.phonemes), frames / fps))
    times = frame_times(frames, fps)
    track = _blended(segments, times)
    track[:, _PRESS] = _envelope((s for s in segments if s.closes_lips), times)
    track[:, _TUCK] = _envelope((s for s in segments if s.tucks_lip), times)
    pauses = _envelope((s for s in segments if s.viseme is SILENCE), times, inset=1.5 * RAMP_SECONDS)
    tuck = track[:, _TUCK]
    opening = track[:, _OPEN] * (1 - tuck) + _TUCKED_OPEN * tuck
    track[:, _OPEN] = opening * (1 - track[:, _PRESS]) * (1 - pauses)
    return track


def _with_pauses(segments: Iterable[LipSegment], seconds: float) -> Iterator[LipSegment]:
    """The segments, with silence wherever there is none, also before the first and after the last."""
    end = 0.0
    for segment in segments:
        if segment.start - end > SHORTEST_PAUSE:
            yield LipSegment(end, segment.start, SILENCE)
        yield segment
        end = max(end, segment.end)
    yield LipSegment(end, max(end, seconds) + 1.0, SILENCE)


def _blended(segments: list[LipSegment], times: np.ndarray) -> Track:
    """Each target weighted by its dominance, which falls off with the time to its segment."""
    total = np.zeros((len(times), len(COLUMNS)))
    weight = np.full_like(total, 1e-9)
    for segment in segments:
        near = _frames_near(segment, times)
        dominance = _dominance(segment, times[near])[:, None] * _weights(segment)
        total[near] += dominance * segment.viseme.pose.as_row()
        weight[near] += dominance
    return (total / weight).astype(np.float32)


def _frames_near(segment: LipSegment, times: np.ndarray) -> slice:
    first, last = np.searchsorted(times, [segment.start - REACH_SECONDS, segment.end + REACH_SECONDS])
    return slice(int(first), int(last))


def _dominance(segment: LipSegment, times: np.ndarray) -> np.ndarray:
    """One in the middle half of the segment, and fading outside of it."""
    middle, duration = (segment.start + segment.end) / 2, segment.end - segment.start
    distance = np.maximum(0, np.abs(times - middle) - 0.25 * duration)
    spread = SPREAD_SECONDS + 0.2 * min(duration, 0.2)
    return np.exp(-((distance / spread) ** 1.5))


def _weights(segment: LipSegment) -> np.ndarray:
    weights = np.full(len(COLUMNS), segment.viseme.shape_weight)
    weights[_OPENING] = segment.viseme.opening_weight
    return weights


def _envelope(segments: Iterable[LipSegment], times: np.ndarray, inset: float = 0.0) -> Array:
    """One within the segments, less `inset` at either end, with ramps around them; zero elsewhere."""
    envelope = np.zeros(len(times), dtype=np.float32)
    for segment in segments:
        near = _frames_near(segment, times)
        start, end = segment.start + inset, segment.end - inset
        outside = np.maximum(start - times[near], times[near] - end)
        ramp = np.clip(1 - outside / RAMP_SECONDS, 0, 1)
        envelope[near] = np.maximum(envelope[near], ramp * ramp * (3 - 2 * ramp))
    return envelope
