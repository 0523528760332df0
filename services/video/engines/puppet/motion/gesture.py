"""Gestures that the face makes at given times, besides speaking."""

from dataclasses import dataclass
from enum import StrEnum


class GestureKind(StrEnum):
    """Kinds of gestures, those of the head first. Left and right are those of the picture."""

    NOD = "nod"
    SHAKE = "shake"
    SWAY = "sway"
    TILT_HEAD = "tilt_head"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    LOOK_LEFT = "look_left"
    LOOK_RIGHT = "look_right"
    LOOK_UP = "look_up"
    LOOK_DOWN = "look_down"
    BREATHE = "breathe"
    BLINK = "blink"
    WINK = "wink"
    CLOSE_EYES = "close_eyes"
    OPEN_MOUTH = "open_mouth"
    SMILE = "smile"
    FROWN = "frown"
    RAISE_BROWS = "raise_brows"


@dataclass(frozen=True, slots=True)
class Gesture:
    """Gesture from `start` to `end`, in seconds, with easing at both; `amount` is 1 for a clear, natural one.

    Nod, shake and sway repeat for as long as they last; a blink or a wink is quick, in the middle.
    """

    kind: GestureKind
    start: float
    end: float
    amount: float = 1.0
