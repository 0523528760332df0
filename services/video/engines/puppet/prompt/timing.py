"""From the cues of a prompt to what is done at which second."""

from collections.abc import Iterator

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.motion.gesture import Gesture, GestureKind
from services.video.engines.puppet.prompt.parse import Cue, Direction

# How long what is done once takes; all else is held for as long as its cue lasts.
_ONCE_SECONDS = {
    GestureKind.NOD: 1.5,
    GestureKind.SHAKE: 1.4,
    GestureKind.BLINK: 0.4,
    GestureKind.WINK: 0.6,
    GestureKind.OPEN_MOUTH: 1.2,
    GestureKind.RAISE_BROWS: 1.4,
}
FIRST_AFTER = 0.08
PAUSE_SECONDS = 0.25


def gestures_of(direction: Direction, seconds: float) -> list[Gesture]:
    """Of a video that lasts so long."""
    return [gesture for cue in direction.cues for gesture in _gestures(cue, seconds)]


def emotion_of(direction: Direction) -> Emotion | None:
    """The first one that the prompt names."""
    return next((cue.doing for cue in direction.cues if isinstance(cue.doing, Emotion)), None)


def _gestures(cue: Cue, seconds: float) -> Iterator[Gesture]:
    if not isinstance(cue.doing, GestureKind):
        return
    start, end = cue.start * seconds, cue.end * seconds
    if cue.doing not in _ONCE_SECONDS:
        yield Gesture(cue.doing, start, end, cue.amount)
        return
    length = min(_ONCE_SECONDS[cue.doing] / cue.speed, (end - start) / cue.times)
    room = end - start - length * cue.times
    pause = min(PAUSE_SECONDS, room / cue.times)
    start += min(FIRST_AFTER * (end - start), room - pause * (cue.times - 1))
    for _ in range(cue.times):
        yield Gesture(cue.doing, start, start + length, cue.amount)
        start += length + pause
