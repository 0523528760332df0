"""Divides the frames of a scene among its pieces."""

from itertools import pairwise

from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.protocol import Piece
from services.video.engines.puppet.motion.prosody import phrases

REACH = 4
"""A piece ends at a pause that is at most this part of its length away from where it would end."""


def frames_of_piece(piece: Piece | None, frames: int, fps: float, timeline: SpeechTimeline | None) -> range:
    """Returns the numbers of a piece's frames, out of `frames` of the scene; all of them for `None`.

    Pieces are about equally long, and end in the nearest pause of the speech. With fewer frames than pieces,
    the first pieces have one frame each and the others none.
    """
    if piece is None:
        return range(frames)
    pauses = [] if timeline is None else _pauses(timeline, fps)
    start, end = (_edge(number, piece.count, frames, pauses) for number in (piece.index, piece.index + 1))
    return range(start, end)


def _edge(number: int, count: int, frames: int, pauses: list[int]) -> int:
    """Returns the first frame of piece `number` of `count`."""
    if frames < count:
        return min(number, frames)
    if number in (0, count):
        return frames if number else 0
    # In parts of a frame, so that nothing is rounded. Edges stay apart: each moves by a quarter of a piece.
    even = number * frames
    nearest = min(pauses, key=lambda pause: abs(pause * count - even), default=None)
    reach = frames // (REACH * count)
    if nearest is not None and abs(nearest * count - even) <= reach * count:
        return nearest
    return even // count


def _pauses(timeline: SpeechTimeline, fps: float) -> list[int]:
    """Returns the frames in the middle of the pauses between phrases."""
    spoken = phrases(timeline)
    return [round((before[-1].end + after[0].start) / 2 * fps) for before, after in pairwise(spoken)]
