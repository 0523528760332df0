import pytest

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.puppet.motion.gesture import GestureKind
from services.video.engines.puppet.prompt.parse import PromptAction, parse_prompt
from services.video.engines.puppet.prompt.vocabulary import ActionKind, CameraMove

Kind, Move = GestureKind, CameraMove


@pytest.mark.parametrize(
    ("prompt", "actions"),
    [
        ("", []),
        ("Zoom in on the face", [Move.ZOOM_IN]),
        ("zooming", [Move.ZOOM_IN]),
        ("The camera pulls back", [Move.ZOOM_OUT]),
        ("pan left", [Move.PAN_LEFT]),
        ("the camera is panning to the right", [Move.PAN_RIGHT]),
        ("tilt up", [Move.TILT_UP]),
        ("pan down", [Move.TILT_DOWN]),
        ("orbit around her to the left", [Move.ORBIT_LEFT]),
        ("parallax", [Move.ORBIT_RIGHT]),
        ("camera shake", [Move.SHAKE]),
        ("handheld camera", [Move.SHAKE]),
        ("she shakes her head", [Kind.SHAKE]),
        ("he tilts his head", [Kind.TILT_HEAD]),
        ("nodding and smiling", [Kind.NOD, Kind.SMILE]),
        ("look left and right", [Kind.LOOK_LEFT, Kind.LOOK_RIGHT]),
        ("closes her eyes, opens her mouth", [Kind.CLOSE_EYES, Kind.OPEN_MOUTH]),
        ("raises his eyebrows", [Kind.RAISE_BROWS]),
        ("turns her head to the right while the camera zooms out", [Kind.TURN_RIGHT, Move.ZOOM_OUT]),
        ("blinks an eye; sways", [Kind.BLINK, Kind.SWAY]),
        ("breathes calmly", [Kind.BREATHE, Emotion.CALM]),
        ("look surprised", [Emotion.SURPRISED]),
    ],
)
def test_a_prompt_becomes_actions(prompt: str, actions: list[ActionKind]) -> None:
    parsed = parse_prompt(prompt)
    assert [action.kind for action in parsed.actions] == actions
    assert parsed.unknown_words == ()


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("dancing in the rain with an umbrella", ("dancing", "rain", "umbrella")),
        ("A cinematic zoom, cinematic light", ("cinematic", "light")),
        ("tilt", ("tilt",)),
        ("look", ("look",)),
        ("raise the roof", ("roof", "raise")),
        ("12 ночь", ("12", "ночь")),
    ],
)
def test_unknown_words_are_reported_once_each(prompt: str, unknown: tuple[str, ...]) -> None:
    assert parse_prompt(prompt).unknown_words == unknown


def test_steps_share_the_time_and_actions_of_one_step_happen_together() -> None:
    assert parse_prompt("Zoom in, then nod twice and smile. Quickly look up!").actions == (
        PromptAction(Move.ZOOM_IN, 0, 1 / 3),
        PromptAction(Kind.NOD, 1 / 3, 2 / 3, times=2),
        PromptAction(Kind.SMILE, 1 / 3, 2 / 3, times=2),
        PromptAction(Kind.LOOK_UP, 2 / 3, 1, speed=1.8),
    )


def test_a_step_of_unknown_words_takes_no_time() -> None:
    assert parse_prompt("dance. nod").actions == (PromptAction(Kind.NOD),)


@pytest.mark.parametrize("still", ["", "smile", "static camera"])
def test_the_camera_moves_only_if_the_prompt_says_so(still: str) -> None:
    assert not parse_prompt(still).moves_camera
    assert parse_prompt(f"{still}, zoom").moves_camera
