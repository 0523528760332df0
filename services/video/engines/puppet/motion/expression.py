"""Turns emotions into expressions of the face, blended over time."""

from dataclasses import astuple, dataclass, fields

import numpy as np

from services.chassis.engine_api.timeline import Emotion, TimedEmotion
from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.types import Array

BLEND_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Expression:
    """Changes to a face: `shut`, `squint`, `brows` and `knit` as in `EyesPose`, `smile` as in `LipPose`.

    nod      how far the head is bowed, in the units of `HeadPose`
    lean     how far it is tilted, in radians
    opening  how much wider than usual the mouth opens in speech
    motion   how much livelier than usual the head and the brows are
    """

    shut: float = 0.0
    squint: float = 0.0
    brows: float = 0.0
    knit: float = 0.0
    smile: float = 0.0
    nod: float = 0.0
    lean: float = 0.0
    opening: float = 1.0
    motion: float = 1.0


EXPRESSIONS = {
    Emotion.NEUTRAL: Expression(),
    Emotion.HAPPY: Expression(squint=0.45, brows=0.25, smile=0.85, opening=1.08, motion=1.3),
    Emotion.SAD: Expression(
        shut=0.18, brows=-0.15, knit=-0.85, smile=-0.7, nod=0.7, lean=0.015, opening=0.85, motion=0.6
    ),
    Emotion.ANGRY: Expression(
        shut=0.06, squint=0.3, brows=-0.55, knit=1.0, smile=-0.45, nod=0.35, opening=1.1, motion=1.25
    ),
    Emotion.SURPRISED: Expression(shut=-0.42, brows=1.0, nod=-0.35, opening=1.2, motion=1.15),
    Emotion.CALM: Expression(shut=0.1, brows=0.05, smile=0.25, opening=0.92, motion=0.5),
}
EXPRESSION_COLUMNS = {field.name: index for index, field in enumerate(fields(Expression))}
_ROWS = {emotion: np.array(astuple(look)) for emotion, look in EXPRESSIONS.items()}


def expression_track(times: Array, emotions: tuple[TimedEmotion, ...], otherwise: Emotion) -> Array:
    """Returns the expression of each frame, (frames, len(EXPRESSION_COLUMNS)).

    It is that of each emotion in its time, and `otherwise` between them. One goes over into the next in
    `BLEND_SECONDS`, around the time where they meet.
    """
    track = np.tile(_ROWS[otherwise], (len(times), 1))
    for item in emotions:
        entered = eased((times - item.start) / BLEND_SECONDS + 0.5)
        left = eased((times - item.end) / BLEND_SECONDS + 0.5)
        share = (entered * (1 - left))[:, None]
        track += share * (_ROWS[item.emotion] - _ROWS[otherwise])
    return track.astype(np.float32)
