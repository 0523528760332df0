"""Converts the actions of a prompt to gestures at given seconds."""

from collections.abc import Iterator

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.motion.gesture import Gesture, GestureKind
from services.video.engines.puppet.prompt.parse import ParsedPrompt, PromptAction

# How long these gestures take when made once; all others are held for as long as their action lasts.
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


def gestures_of(prompt: ParsedPrompt, seconds: float) -> list[Gesture]:
    """Returns the gestures of a prompt, for a video of this length."""
    return [gesture for action in prompt.actions for gesture in _gestures(action, seconds)]


def emotion_of(prompt: ParsedPrompt) -> Emotion | None:
    """Returns the first emotion that the prompt names."""
    return next((action.kind for action in prompt.actions if isinstance(action.kind, Emotion)), None)


def _gestures(action: PromptAction, seconds: float) -> Iterator[Gesture]:
    if not isinstance(action.kind, GestureKind):
        return
    start, end = action.start * seconds, action.end * seconds
    if action.kind not in _ONCE_SECONDS:
        yield Gesture(action.kind, start, end, action.amount)
        return
    length = min(_ONCE_SECONDS[action.kind] / action.speed, (end - start) / action.times)
    room = end - start - length * action.times
    pause = min(PAUSE_SECONDS, room / action.times)
    start += min(FIRST_AFTER * (end - start), room - pause * (action.times - 1))
    for _ in range(action.times):
        yield Gesture(action.kind, start, start + length, action.amount)
        start += length + pause
