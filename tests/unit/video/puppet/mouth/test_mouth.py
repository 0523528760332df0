from dataclasses import replace

import numpy as np
import pytest

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.protocol import FaceLandmarks
from services.video.engines.puppet.geometry.face import Face, contour_slices
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.motion.expression import EXPRESSIONS
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.mouth import Mouth
from services.video.engines.puppet.mouth.phonetics import viseme_of
from services.video.engines.puppet.mouth.shape import posed_mouth, resting_mouth, unwidened
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.portrait.locator import GivenLandmarks

U = np.linspace(-1.2, 1.2, 97, dtype=np.float32)
SIZE = 400


def face() -> Face:
    return canonical_face().mapped((90, 90), (-SIZE / 180, -1.3))


def open_mouthed() -> Face:
    """Returns the face with its lips a fifth of a mouth apart."""
    points = face().points.copy()
    points[contour_slices()["inner_lower"]][1:-1, 1] += 15
    points[contour_slices()["outer_lower"]][1:-1, 1] += 15
    return replace(face(), points=points)


def smiling() -> Face:
    """Returns the face with the corners of its mouth an eighth of a mouth above where the lips meet."""
    points, frame = face().points.copy(), FeatureFrame.between(*face().mouth_corners)
    for name in ("inner_upper", "inner_lower", "outer_upper", "outer_lower"):
        lip = points[contour_slices()[name]]
        lip[:, 1] += 0.125 * frame.unit * (1 - 4 * frame.uv(lip)[:, 0] ** 2)
    return replace(face(), points=points)


def skin() -> np.ndarray:
    noise = np.random.default_rng(0).integers(-6, 6, (SIZE, SIZE, 1))
    return (np.array([110, 140, 200]) + noise).astype(np.uint8)


def lit(left: float, right: float) -> np.ndarray:
    """Returns the skin, so bright at the left and at the right edge."""
    light = np.linspace(left, right, SIZE, dtype=np.float32)
    return np.clip(skin() * light[None, :, None], 0, 255).astype(np.uint8)


def inside_of(
    picture: np.ndarray, subject: Face, *places: tuple[float, float], sound: str = "a"
) -> np.ndarray:
    """Returns what a mouth that makes the sound shows at these u and v, (n, 3)."""
    mouth, frame = Mouth(picture, subject), FeatureFrame.between(*subject.mouth_corners)
    canvas = picture.copy()
    mouth.region.of(canvas)[:] = mouth.drawn(viseme_of(sound).pose)
    x, y = np.round(frame.pixels(np.array(places, dtype=np.float32))).astype(int).T
    return canvas[y, x].astype(float)


def gap(subject: Face, pose: LipPose) -> np.ndarray:
    mouth = resting_mouth(subject, FeatureFrame.between(*subject.mouth_corners))
    curves = posed_mouth(mouth, mouth.at(U), pose, U)
    return curves.lower_inner - curves.upper_inner


@pytest.mark.parametrize("subject", [face(), open_mouthed()])
def test_a_mouth_at_rest_is_closed_even_if_the_portraits_is_open(subject: Face) -> None:
    assert np.abs(gap(subject, LipPose())).max() < 1e-5


@pytest.mark.parametrize("opening", [0.05, 0.2, 0.35])
def test_the_gap_is_as_wide_as_asked_for_in_the_middle_and_shut_at_the_corners(opening: float) -> None:
    wide = gap(face(), LipPose(open=opening))
    assert wide[len(U) // 2] == pytest.approx(opening, rel=0.02)
    assert wide[np.abs(U) > 0.5].max() == 0


def test_rounding_makes_the_opening_narrower() -> None:
    plain, rounded = gap(face(), LipPose(open=0.1)), gap(face(), LipPose(open=0.1, round=1))
    assert (rounded > 0.01).sum() < (plain > 0.01).sum()


@pytest.mark.parametrize("width", [-0.3, 0.15])
def test_widening_keeps_the_order_of_places_and_ends_at_the_edge_of_the_face(width: float) -> None:
    mouth = resting_mouth(face(), FeatureFrame.between(*face().mouth_corners))
    moved = unwidened(U, mouth, LipPose(width=width))
    assert (np.diff(moved) > 0).all()
    edge = np.abs(U) >= max(mouth.left_reach, mouth.right_reach) + 0.1
    assert np.abs(moved - U)[edge].max(initial=0) < 1e-6


def test_the_jaw_takes_the_chin_down_but_not_the_edge_of_the_face() -> None:
    mouth = resting_mouth(face(), FeatureFrame.between(*face().mouth_corners))
    fall = posed_mouth(mouth, mouth.at(U), LipPose(jaw=0.2), U).chin - mouth.at(U).chin
    assert fall[len(U) // 2] == pytest.approx(0.2, abs=0.01)
    assert np.abs(fall[np.abs(U) > max(mouth.left_reach, mouth.right_reach)]).max(initial=0) < 1e-6


def test_a_mouth_at_rest_leaves_the_portrait_as_it_is() -> None:
    mouth = Mouth(skin(), face())
    change = mouth.drawn(LipPose()).astype(int) - mouth.region.of(skin())
    assert np.abs(change).max() <= 3


def test_an_open_mouth_is_dark_inside_and_leaves_the_border_of_its_region_alone() -> None:
    mouth = Mouth(skin(), face())
    drawn, before = mouth.drawn(LipPose(open=0.35, jaw=0.22)).astype(int), mouth.region.of(skin()).astype(int)
    border = np.ones(drawn.shape[:2], dtype=bool)
    border[2:-2, 2:-2] = False
    assert np.abs(drawn - before)[border].max() <= 12
    assert drawn.mean(axis=2).min() < 60


def test_in_a_wide_open_mouth_there_are_teeth_a_throat_and_a_red_tongue() -> None:
    teeth, throat, tongue = inside_of(skin(), face(), (0.03, 0.0), (0.03, 0.07), (0.05, 0.15))
    assert teeth.mean() > 1.2 * tongue.mean() > 2 * throat.mean()
    assert throat.mean() > 25
    assert tongue[2] > 1.9 * tongue[0]


def test_the_lower_teeth_are_seen_where_the_jaw_is_high() -> None:
    tongue, teeth = inside_of(skin(), face(), (0.03, 0.05), (0.03, 0.067), sound="i")
    assert teeth[0] / teeth[2] > 1.1 * tongue[0] / tongue[2], "they are not as red"
    assert teeth.mean() > 1.2 * tongue.mean()


def test_teeth_are_nearly_as_light_in_a_small_picture_as_in_a_large_one() -> None:
    places = [(float(u), float(v)) for u in np.linspace(-0.2, 0.2, 41) for v in (-0.03, -0.01)]

    def teeth(scale: float) -> float:
        picture = np.full((int(SIZE * scale), int(SIZE * scale), 3), 150, dtype=np.uint8)
        return float(inside_of(picture, face().mapped((scale, scale), (0, 0)), *places).mean())

    assert teeth(0.25) > 0.88 * teeth(3.0)


def test_a_face_fitted_to_landmarks_has_no_human_teeth() -> None:
    (teeth,) = inside_of(skin(), face(), (0.03, 0.0))
    (plain,) = inside_of(skin(), replace(face(), fitted=True), (0.03, 0.0))
    assert plain.mean() < 0.4 * teeth.mean()


def test_light_from_one_side_falls_on_the_teeth_from_there() -> None:
    for picture, sign in ((lit(1.3, 0.5), 1), (lit(0.5, 1.3), -1)):
        left, right = inside_of(picture, face(), (-0.18, 0.0), (0.18, 0.0)).mean(axis=1)
        assert sign * (left - right) > 6


def test_teeth_of_red_skin_before_a_white_wall_are_no_brighter_than_white() -> None:
    picture = np.full((SIZE, SIZE, 3), 255, dtype=np.uint8)
    left, top, right, bottom = (int(side) for side in face().box)
    picture[top:bottom, left:right] = (70, 100, 250)
    mouth = Mouth(picture, face())
    drawn = mouth.drawn(LipPose(open=0.29, jaw=0.2)).astype(int)
    assert (drawn[:, :, 2] >= drawn[:, :, 0]).all(), "red that is over the top begins again at nothing"


def test_the_region_is_even_and_inside_a_picture_that_cuts_the_chin_off() -> None:
    mouth = Mouth(skin()[:240], face())
    region = mouth.region
    assert all(number % 2 == 0 for number in (region.left, region.top, region.width, region.height))
    assert region.top + region.height <= 240
    assert mouth.drawn(LipPose(open=0.3)).shape == (region.height, region.width, 3)


def test_a_wide_mouth_close_above_the_chin_can_be_drawn() -> None:
    points = (16, 2.8), (35.4, 2.9), (16.9, 6.9), (33.9, 6.9), (26.9, 6.8), (25.8, 7.2), (24.8, 8.5)
    picture = np.full((34, 176, 3), 128, dtype=np.uint8)
    mouth = Mouth(picture, GivenLandmarks(FaceLandmarks(*points)).locate(picture))
    assert mouth.drawn(LipPose(open=0.3, jaw=0.2)).shape == (mouth.region.height, mouth.region.width, 3)


@pytest.mark.parametrize("smile", [-1.0, 1.0])
def test_a_smile_lifts_the_corners_and_a_frown_lets_them_fall(smile: float) -> None:
    mouth = resting_mouth(face(), FeatureFrame.between(*face().mouth_corners))
    rest, smiling = (
        posed_mouth(mouth, mouth.at(U), LipPose(), U),
        posed_mouth(mouth, mouth.at(U), LipPose(smile=smile), U),
    )
    lifted = (rest.upper_inner - smiling.upper_inner) * smile
    corner = np.abs(np.abs(U) - 0.5) < 0.03
    assert lifted[corner].min() > 0.07
    assert -0.03 < lifted[len(U) // 2] < 0
    assert np.abs(lifted[np.abs(U) > 1]).max() < 1e-6


def test_a_face_that_smiles_in_the_portrait_can_be_angry() -> None:
    mouth = resting_mouth(smiling(), FeatureFrame.between(*smiling().mouth_corners))
    assert mouth.smile > 0.9
    angry = LipPose(smile=EXPRESSIONS[Emotion.ANGRY].smile)
    line = posed_mouth(mouth, mouth.at(U), angry, U).upper_inner
    assert line[np.abs(np.abs(U) - 0.48) < 0.02].min() > line[len(U) // 2]
