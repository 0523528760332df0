"""What the puppet does in each frame, worked out before the first is drawn."""

from dataclasses import dataclass

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Rendering
from services.video.engines.puppet.feature_frame import Array
from services.video.engines.puppet.head import HeadPose
from services.video.engines.puppet.life import HeadTrack, blink_starts, head_track, lid_track
from services.video.engines.puppet.lip_pose import REST, LipPose, Track, pose_at
from services.video.engines.puppet.lip_track import frame_times, lip_track
from services.video.engines.puppet.loudness import audio_seconds, loudness_of, shaped_by, track_from_loudness

SLOWEST_FPS, FASTEST_FPS = 1.0, 120.0


@dataclass(frozen=True, slots=True)
class Performance:
    """One row a frame. `lids` is 0 for open to 1 for shut."""

    frames: int
    lips: Track
    lids: Array
    head: HeadTrack

    def lips_at(self, frame: int) -> LipPose:
        return pose_at(self.lips, frame)

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


def perform(request: Rendering, max_seconds: float) -> Performance:
    """As many frames as the speech, or `min_seconds`, lasts; at least one.

    `InvalidArgument` for a request with nothing to say how long, too long a speech or an odd frame rate.
    """
    frames = frame_count(_seconds(request, max_seconds), request.fps)
    times = frame_times(frames, request.fps)
    seconds = frames / request.fps
    return Performance(
        frames,
        _lips(request, frames),
        lid_track(times, blink_starts(seconds, request.seed)),
        head_track(times, request.timeline, request.seed),
    )


def frame_count(seconds: float, fps: float) -> int:
    if not SLOWEST_FPS <= fps <= FASTEST_FPS:
        raise InvalidArgument(
            f"{fps} frames a second cannot be made: choose from {SLOWEST_FPS:g} to {FASTEST_FPS:g}."
        )
    return max(1, round(seconds * fps))


def _seconds(request: Rendering, max_seconds: float) -> float:
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


def _lips(request: Rendering, frames: int) -> Track:
    loudness = None if request.speech is None else loudness_of(request.speech, frames, request.fps)
    if request.timeline is not None and request.timeline.phonemes:
        track = lip_track(request.timeline, frames, request.fps)
        return track if loudness is None else shaped_by(track, loudness)
    if loudness is not None:
        return track_from_loudness(loudness, request.seed)
    return REST.as_row()[None].repeat(frames, axis=0)
