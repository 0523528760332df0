"""Computes the lips frame by frame: coarticulation by dominance, after Cohen and Massaro (1993)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array, Track
from services.video.engines.puppet.mouth.lip_pose import COLUMNS
from services.video.engines.puppet.mouth.phonetics import SILENCE, LipSegment, lip_segments

SPREAD_SECONDS, OF_DURATION = 0.05, 0.2
MAX_END = 0.05
ROUNDING_BEFORE = 1.7
REACH_SECONDS = 0.4
RAMP_SECONDS = 0.06
MIN_PAUSE = 0.09
_OPENING = [COLUMNS[name] for name in ("open", "jaw", "tongue")]
_SHAPE = [COLUMNS[name] for name in ("width", "round")]
_NOT_SHAPE = [column for column in COLUMNS.values() if column not in _SHAPE]
_PRESS, _TUCK, _OPEN = COLUMNS["press"], COLUMNS["tuck"], COLUMNS["open"]
_TUCKED_OPEN = 0.055


def frame_times(frames: int, fps: float) -> Array:
    """Returns the middle of each frame's time on the screen, in seconds."""
    return (np.arange(frames) + 0.5) / fps


def lip_track(timeline: SpeechTimeline, frames: int, fps: float) -> Track:
    """Returns the lip pose at each frame, (frames, len(COLUMNS)).

    In every frame within a bilabial, and in the one nearest to a very short one, the lips are closed; in the
    middle of every pause they rest.
    """
    segments = list(_with_pauses(lip_segments(timeline.phonemes), frames / fps))
    times = frame_times(frames, fps)
    track = _blended(segments, times)
    least = 1.001 / fps
    track[:, _PRESS] = _envelope((_at_least(s, least) for s in segments if s.closes_lips), times)
    track[:, _TUCK] = _envelope((_at_least(s, least) for s in segments if s.tucks_lip), times)
    pauses = _envelope((s for s in segments if s.viseme is SILENCE), times, inset=1.5 * RAMP_SECONDS)
    tuck = track[:, _TUCK]
    opening = track[:, _OPEN] * (1 - tuck) + _TUCKED_OPEN * tuck
    track[:, _OPEN] = opening * (1 - track[:, _PRESS]) * (1 - pauses)
    return track


def _with_pauses(segments: Iterable[LipSegment], seconds: float) -> Iterator[LipSegment]:
    """Yields the segments, with silence wherever there is none, also before the first and after the last."""
    end = 0.0
    for segment in segments:
        if segment.start - end > MIN_PAUSE:
            yield LipSegment(end, segment.start, SILENCE)
        yield segment
        end = max(end, segment.end)
    yield LipSegment(end, max(end, seconds) + 1.0, SILENCE)


def _blended(segments: list[LipSegment], times: Array) -> Track:
    """Averages the targets by their dominance, which falls off with the time to their segment."""
    total = np.zeros((len(times), len(COLUMNS)))
    weight = np.full_like(total, 1e-9)
    for segment in segments:
        near = _frames_near(segment, times)
        dominance = _dominances(segment, times[near])
        total[near] += dominance * segment.viseme.pose.as_row()
        weight[near] += dominance
    return (total / weight).astype(np.float32)


def _frames_near(segment: LipSegment, times: Array) -> slice:
    first, last = np.searchsorted(times, [segment.start - REACH_SECONDS, segment.end + REACH_SECONDS])
    return slice(int(first), int(last))


def _dominances(segment: LipSegment, times: Array) -> Array:
    """Returns the dominance of a segment in each column, (frames, len(COLUMNS)).

    Rounding is made ready for longer before its sound than the rest.
    """
    viseme = segment.viseme
    dominances = np.full((len(times), len(COLUMNS)), viseme.shape_weight)
    dominances[:, _OPENING] = viseme.opening_weight
    dominances[:, _SHAPE] *= _dominance(segment, times, ROUNDING_BEFORE)[:, None]
    dominances[:, _NOT_SHAPE] *= _dominance(segment, times, 1.0)[:, None]
    return dominances


def _dominance(segment: LipSegment, times: Array, before: float) -> Array:
    """Returns one in the segment but for its ends, fading from there on, `before` times as slowly before."""
    middle, duration = (segment.start + segment.end) / 2, segment.end - segment.start
    end = min(0.25 * duration, MAX_END)
    distance = np.maximum(0, np.abs(times - middle) - (duration / 2 - end))
    spread = SPREAD_SECONDS + OF_DURATION * min(duration, 0.2)
    spread = np.where(times < middle, before * spread, spread)
    return np.exp(-((distance / spread) ** 1.5))


def _at_least(segment: LipSegment, seconds: float) -> LipSegment:
    """Returns the segment, or one of this length around its middle if it is shorter."""
    missing = max(0.0, seconds - (segment.end - segment.start)) / 2
    return replace(segment, start=segment.start - missing, end=segment.end + missing)


def _envelope(segments: Iterable[LipSegment], times: Array, inset: float = 0.0) -> Array:
    """Returns one within the segments, less `inset` at either end, with ramps around them; zero elsewhere."""
    envelope = np.zeros(len(times), dtype=np.float32)
    for segment in segments:
        near = _frames_near(segment, times)
        start, end = segment.start + inset, segment.end - inset
        outside = np.maximum(start - times[near], times[near] - end)
        envelope[near] = np.maximum(envelope[near], eased(1 - outside / RAMP_SECONDS))
    return envelope
