"""Vocabulary of prompts. Other words are unknown, and reported."""

from enum import StrEnum

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.motion.gesture import GestureKind as Kind


class CameraMove(StrEnum):
    """Moves of the camera."""

    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    ROLL_LEFT = "roll_left"
    ROLL_RIGHT = "roll_right"
    ORBIT_LEFT = "orbit_left"
    ORBIT_RIGHT = "orbit_right"
    SHAKE = "shake"
    STILL = "still"


ActionKind = CameraMove | Kind | Emotion
Move = CameraMove
SIDES = ("left", "right", "up", "down")

# Each verb with the directions that it takes; "" is without any.
_DIRECTED: dict[str, dict[str, ActionKind]] = {
    "zoom": {"": Move.ZOOM_IN, "in": Move.ZOOM_IN, "out": Move.ZOOM_OUT},
    "push": {"": Move.ZOOM_IN, "in": Move.ZOOM_IN, "out": Move.ZOOM_OUT},
    "dolly": {"": Move.ZOOM_IN, "in": Move.ZOOM_IN, "out": Move.ZOOM_OUT},
    "pull": {"": Move.ZOOM_OUT, "out": Move.ZOOM_OUT, "in": Move.ZOOM_IN, "back": Move.ZOOM_OUT},
    "pan": {
        "": Move.PAN_RIGHT,
        "left": Move.PAN_LEFT,
        "right": Move.PAN_RIGHT,
        "up": Move.TILT_UP,
        "down": Move.TILT_DOWN,
    },
    "truck": {"": Move.PAN_RIGHT, "left": Move.PAN_LEFT, "right": Move.PAN_RIGHT},
    "crane": {"": Move.TILT_UP, "up": Move.TILT_UP, "down": Move.TILT_DOWN},
    "tilt": {
        "up": Move.TILT_UP,
        "down": Move.TILT_DOWN,
        "left": Move.ROLL_LEFT,
        "right": Move.ROLL_RIGHT,
        "head": Kind.TILT_HEAD,
    },
    "roll": {"": Move.ROLL_RIGHT, "left": Move.ROLL_LEFT, "right": Move.ROLL_RIGHT},
    "orbit": {"": Move.ORBIT_RIGHT, "left": Move.ORBIT_LEFT, "right": Move.ORBIT_RIGHT},
    "circle": {"": Move.ORBIT_RIGHT, "left": Move.ORBIT_LEFT, "right": Move.ORBIT_RIGHT},
    "parallax": {"": Move.ORBIT_RIGHT, "left": Move.ORBIT_LEFT, "right": Move.ORBIT_RIGHT},
    "shake": {"": Move.SHAKE, "head": Kind.SHAKE},
    "handheld": {"": Move.SHAKE},
    "static": {"": Move.STILL},
    "nod": {"": Kind.NOD, "head": Kind.NOD},
    "sway": {"": Kind.SWAY, "head": Kind.SWAY},
    "turn": {"left": Kind.TURN_LEFT, "right": Kind.TURN_RIGHT},
    "look": {
        "left": Kind.LOOK_LEFT,
        "right": Kind.LOOK_RIGHT,
        "up": Kind.LOOK_UP,
        "down": Kind.LOOK_DOWN,
    },
    "breathe": {"": Kind.BREATHE},
    "blink": {"": Kind.BLINK, "eye": Kind.BLINK},
    "wink": {"": Kind.WINK, "eye": Kind.WINK},
    "close": {"eye": Kind.CLOSE_EYES},
    "open": {"mouth": Kind.OPEN_MOUTH},
    "smile": {"": Kind.SMILE},
    "grin": {"": Kind.SMILE},
    "laugh": {"": Kind.SMILE},
    "frown": {"": Kind.FROWN},
    "raise": {"brow": Kind.RAISE_BROWS},
    "lift": {"brow": Kind.RAISE_BROWS},
    "happy": {"": Emotion.HAPPY},
    "sad": {"": Emotion.SAD},
    "angry": {"": Emotion.ANGRY},
    "surprise": {"": Emotion.SURPRISED},
    "calm": {"": Emotion.CALM},
    "neutral": {"": Emotion.NEUTRAL},
}
_IRREGULAR = {
    "shook": "shake",
    "shaky": "shake",
    "closer": "zoom",
    "breath": "breathe",
    "eyebrow": "brow",
    "happily": "happy",
    "joyful": "happy",
    "cheerful": "happy",
    "sadly": "sad",
    "angrily": "angry",
    "calmly": "calm",
    "wider": "pull",
    "rotate": "turn",
    "glance": "look",
    "gaze": "look",
    "slide": "truck",
    "upward": "up",
    "upwards": "up",
    "downward": "down",
    "downwards": "down",
    "leftward": "left",
    "leftwards": "left",
    "rightward": "right",
    "rightwards": "right",
}
_OBJECTS = ("head", "eye", "brow", "mouth", "in", "out", "back", *SIDES)
_AMOUNTS = {
    **dict.fromkeys(("slightly", "slight", "subtle", "subtly", "gentle", "gently", "softly", "little"), 0.5),
    **dict.fromkeys(("strong", "strongly", "deep", "deeply", "big", "wide", "widely", "broadly"), 1.6),
}
_SPEEDS = {
    **dict.fromkeys(("slow", "slowly"), 0.6),
    **dict.fromkeys(("fast", "quick", "quickly", "rapid", "rapidly", "sudden", "suddenly"), 1.8),
}
TIMES = {"once": 1, "twice": 2, "thrice": 3, "repeatedly": 4}
# fmt: off
IGNORED = frozenset((
    "a", "after", "again", "also", "an", "and", "animate", "animated", "are", "around", "as", "at", "be",
    "before", "bit", "both", "bring", "but", "by", "camera", "clip", "do", "does", "face", "for", "frame",
    "from", "get", "has", "have", "he", "her", "him", "his", "image", "into", "is", "it", "its", "lens",
    "let", "let's", "lets", "make", "man", "motion", "move", "movement", "moves", "moving", "my", "natural",
    "naturally", "of", "on", "one", "or", "person", "photo", "photograph", "picture", "please", "portrait",
    "scene", "she", "shot", "side", "still", "subject", "that", "the", "their", "them", "then", "they",
    "this", "time", "times", "to", "toward", "towards", "very", "video", "view", "while", "who", "with",
    "woman", "your",
))
# fmt: on


def stem_of(word: str) -> str:
    """Returns the word as it stands in the tables, whatever its ending; itself if it stands in none."""
    return _FORMS.get(word, word)


def action_of(verb: str, thing: str) -> ActionKind | None:
    """Returns what a verb means with a direction or a part of the body, or with neither ("")."""
    return _DIRECTED.get(verb, {}).get(thing)


def is_verb(stem: str) -> bool:
    return stem in _DIRECTED


def is_object(stem: str) -> bool:
    return stem in _OBJECTS


def amount_of(word: str) -> float | None:
    return _AMOUNTS.get(word)


def speed_of(word: str) -> float | None:
    return _SPEEDS.get(word)


def _forms_of(stem: str) -> set[str]:
    base = stem.removesuffix("e")
    doubled = stem + stem[-1]
    return {stem, f"{stem}s", f"{stem}es", f"{base}ing", f"{base}ed", f"{doubled}ing", f"{doubled}ed"}


def _all_forms() -> dict[str, str]:
    stems = {**{stem: stem for stem in (*_DIRECTED, *_OBJECTS)}, **_IRREGULAR}
    return {form: stem for word, stem in stems.items() for form in _forms_of(word)}


_FORMS = _all_forms()
