"""Which frames belong to which piece of a scene."""

from itertools import pairwise

import pytest

from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme
from services.video.engines.protocol import Piece
from services.video.engines.puppet.motion.pieces import frames_of_piece

FPS = 25.0


def speech_with_pauses(*middles: float, seconds: float = 40.0) -> SpeechTimeline:
    """Returns sounds of a tenth of a second, but for 0.4 s around each of the middles."""
    starts = [0.1 * number for number in range(round(10 * seconds))]
    spoken = [start for start in starts if all(abs(start + 0.05 - middle) > 0.2 for middle in middles)]
    return SpeechTimeline(seconds, phonemes=tuple(TimedPhoneme("a", start, start + 0.1) for start in spoken))


def edges(frames: int, count: int, timeline: SpeechTimeline | None = None, fps: float = FPS) -> list[int]:
    """Returns the first frame of each piece, and the end of the last; checks that there is no gap."""
    pieces = [frames_of_piece(Piece(index, count), frames, fps, timeline) for index in range(count)]
    assert all(before.stop == after.start for before, after in pairwise(pieces))
    return [*(piece.start for piece in pieces), pieces[-1].stop]


@pytest.mark.parametrize(
    ("frames", "count", "timeline", "expected"),
    [
        (1000, 1, None, [0, 1000]),
        (1000, 4, None, [0, 250, 500, 750, 1000]),
        (1001, 3, None, [0, 333, 667, 1001]),
        (1000, 4, speech_with_pauses(), [0, 250, 500, 750, 1000]),
        # Pieces of 10 s: a pause up to 2.5 s away is taken, the nearest of two, and none further away.
        (1000, 4, speech_with_pauses(9.0), [0, 225, 500, 750, 1000]),
        (1000, 4, speech_with_pauses(12.0), [0, 300, 500, 750, 1000]),
        (1000, 4, speech_with_pauses(9.0, 10.6), [0, 265, 500, 750, 1000]),
        (1000, 4, speech_with_pauses(7.0, 13.0), [0, 250, 500, 750, 1000]),
        (1000, 4, speech_with_pauses(12.0, 18.0, 28.0), [0, 300, 450, 700, 1000]),
        # The picture goes on after the speech: there are no pauses in silence.
        (2000, 4, speech_with_pauses(19.0), [0, 475, 1000, 1500, 2000]),
        # As many frames as pieces, or hardly more: each piece has one.
        (5, 5, speech_with_pauses(seconds=1), [0, 1, 2, 3, 4, 5]),
        (7, 5, speech_with_pauses(seconds=1), [0, 1, 2, 4, 5, 7]),
        # Fewer frames than pieces: the last ones have none.
        (3, 5, None, [0, 1, 2, 3, 3, 3]),
        (1, 2, None, [0, 1, 1]),
    ],
)
def test_a_scene_is_divided_at_pauses_near_even_parts(
    frames: int, count: int, timeline: SpeechTimeline | None, expected: list[int]
) -> None:
    assert edges(frames, count, timeline) == expected


@pytest.mark.parametrize("fps", [23.976, 25.0, 29.97, 60.0])
@pytest.mark.parametrize("step", [0.45, 0.7, 1.3])
def test_every_piece_has_a_frame_wherever_the_pauses_are(fps: float, step: float) -> None:
    timeline = speech_with_pauses(*(step * number for number in range(90)), seconds=20.0)
    for frames in (*range(40, 120), round(20 * fps)):
        for count in range(1, 40):
            starts = edges(frames, count, timeline, fps)
            assert starts == sorted(set(starts)), (frames, count)
            assert (starts[0], starts[-1]) == (0, frames)


def test_without_a_piece_there_are_all_frames() -> None:
    assert frames_of_piece(None, 12, FPS, None) == range(12)
