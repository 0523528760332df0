"""Plans what lips, eyes and head do in each frame, before the first is drawn."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Rendering
from services.video.engines.puppet.eyes.pose import EYE_COLUMNS, EyesPose, eyes_at, stepped
from services.video.engines.puppet.geometry.types import Array, Track
from services.video.engines.puppet.head.pose import HeadPose
from services.video.engines.puppet.motion.apply_gestures import GestureTracks
from services.video.engines.puppet.motion.blinks import at_pauses, generate_blinks, lid_track
from services.video.engines.puppet.motion.expression import EXPRESSION_COLUMNS, expression_track
from services.video.engines.puppet.motion.gesture import Gesture
from services.video.engines.puppet.motion.glances import glance_track
from services.video.engines.puppet.motion.head_motion import HeadTrack, head_track
from services.video.engines.puppet.motion.lip_track import frame_times, lip_track
from services.video.engines.puppet.motion.loudness import (
    audio_seconds,
    loudness_of,
    shaped_by,
    track_from_loudness,
)
from services.video.engines.puppet.motion.prosody import brow_track, phrases
from services.video.engines.puppet.mouth.lip_pose import COLUMNS, MAX_POSE, MIN_POSE, REST, LipPose, pose_at

MIN_FPS, MAX_FPS = 1.0, 120.0
MAX_TURN = 6.5
GAZE_KEPT = 0.04
"""How far the eyes turn back while the head turns by one, so that they go on looking at the viewer."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Lips, eyes and head of a video, one row a frame."""

    frames: int
    lips: Track
    eyes: Track
    head: HeadTrack

    def lips_at(self, frame: int) -> LipPose:
        return pose_at(self.lips, frame)

    def eyes_at(self, frame: int) -> EyesPose:
        return eyes_at(self.eyes, frame)

    def with_lips_moved(self, frames: int) -> "Performance":
        """Returns the performance with its lips `frames` frames later; earlier if that is below zero."""
        moved = np.clip(np.arange(self.frames) - frames, 0, self.frames - 1)
        return replace(self, lips=self.lips[moved])

    def head_at(self, frame: int) -> HeadPose:
        head = self.head
        shift_x, shift_y = head.shift[frame]
        return HeadPose(
            float(head.turn[frame]),
            float(head.nod[frame]),
            float(head.lean[frame]),
            float(shift_x),
            float(shift_y),
        )


def plan_performance(request: Rendering, max_seconds: float, gestures: Iterable[Gesture] = ()) -> Performance:
    """Plans as many frames as the speech, or `min_seconds`, lasts; at least one. Gestures are added.

    Raises `InvalidArgument` for a request with no length, for too long a speech, and for a frame rate that is
    not from `MIN_FPS` to `MAX_FPS`.
    """
    frames = frame_count(seconds_of(request, max_seconds), request.fps)
    times = frame_times(frames, request.fps)
    emotions = request.timeline.emotions if request.timeline else ()
    look = expression_track(times, emotions, request.emotion)
    lips, eyes = _lips(request, frames, look), _eyes(request, times, look)
    head = head_track(times, request.timeline, request.seed, look[:, EXPRESSION_COLUMNS["motion"]])
    eyes[:, EYE_COLUMNS["look_x"]] -= GAZE_KEPT * head.turn
    eyes[:, EYE_COLUMNS["look_y"]] -= GAZE_KEPT * head.nod
    head.nod[:] += look[:, EXPRESSION_COLUMNS["nod"]]
    head.lean[:] += look[:, EXPRESSION_COLUMNS["lean"]]
    tracks = GestureTracks(times, lips, eyes, head)
    for gesture in gestures:
        tracks.apply(gesture)
    head.turn[:] = MAX_TURN * np.tanh(head.turn / MAX_TURN)
    return Performance(
        frames, np.clip(lips, MIN_POSE.as_row(), MAX_POSE.as_row()), _within_limits(eyes), head
    )


def _eyes(request: Rendering, times: Array, look: Array) -> Track:
    """Returns the track of the eyes; lids that are half shut anyway blink from there."""
    track = np.zeros((len(times), len(EYE_COLUMNS)), dtype=np.float32)
    spoken = phrases(request.timeline)
    ends = [phrase[-1].end for phrase in spoken]
    blinks = lid_track(times, at_pauses(generate_blinks(float(times[-1]), request.seed), ends, request.seed))
    shut = look[:, EXPRESSION_COLUMNS["shut"]]
    for name in ("shut_left", "shut_right"):
        track[:, EYE_COLUMNS[name]] = shut + (1 - shut) * blinks
    for name in ("squint", "brows", "knit"):
        track[:, EYE_COLUMNS[name]] = look[:, EXPRESSION_COLUMNS[name]]
    glances = glance_track(times, request.seed, [phrase[0].start for phrase in spoken])
    track[:, EYE_COLUMNS["look_x"]], track[:, EYE_COLUMNS["look_y"]] = glances.T
    emphasis = brow_track(times, request.timeline, request.seed)
    track[:, EYE_COLUMNS["brows"]] += emphasis * look[:, EXPRESSION_COLUMNS["motion"]]
    return track


def _within_limits(eyes: Track) -> Track:
    """Limits the track of the eyes, so that what is asked for twice is not done twice as much."""
    lowest = np.array([-0.5, -0.5, 0, -1, -1, -1, -1], dtype=np.float32)
    return stepped(np.clip(eyes, lowest, 1))


def frame_count(seconds: float, fps: float) -> int:
    if not MIN_FPS <= fps <= MAX_FPS:
        raise InvalidArgument(
            f"{fps} frames a second cannot be made: choose from {MIN_FPS:g} to {MAX_FPS:g}."
        )
    return max(1, round(seconds * fps))


def seconds_of(request: Rendering, max_seconds: float) -> float:
    """Returns the length of the video. Raises as `plan_performance` does."""
    speech = request.timeline.duration if request.timeline else 0.0
    if request.speech is not None:
        speech = audio_seconds(request.speech)
    seconds = max(speech, request.min_seconds)
    if not 0 < seconds <= max_seconds:
        raise InvalidArgument(
            f"A video of {seconds:g} seconds cannot be made: give speech or a minimum length, "
            f"at most {max_seconds:g} seconds."
        )
    return seconds


def _lips(request: Rendering, frames: int, look: Array) -> Track:
    track = _spoken(request, frames)
    for name in ("open", "jaw"):
        track[:, COLUMNS[name]] *= look[:, EXPRESSION_COLUMNS["opening"]]
    # Lips that are pressed or rounded cannot smile as much.
    busy = np.maximum(0.45 * track[:, COLUMNS["press"]], 0.7 * track[:, COLUMNS["round"]])
    track[:, COLUMNS["smile"]] += look[:, EXPRESSION_COLUMNS["smile"]] * (1 - busy)
    return track


def _spoken(request: Rendering, frames: int) -> Track:
    loudness = None if request.speech is None else loudness_of(request.speech, frames, request.fps)
    if request.timeline is not None and request.timeline.phonemes:
        track = lip_track(request.timeline, frames, request.fps)
        return track if loudness is None else shaped_by(track, loudness)
    if loudness is not None:
        return track_from_loudness(loudness, request.seed)
    return REST.as_row()[None].repeat(frames, axis=0)
