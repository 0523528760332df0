from dataclasses import replace

import numpy as np
import pytest

from services.video.engines.puppet.canonical import canonical_face
from services.video.engines.puppet.face import Face, contour_slices
from services.video.engines.puppet.feature_frame import FeatureFrame, Region
from services.video.engines.puppet.frame_grid import FrameGrid
from services.video.engines.puppet.lip_pose import LipPose
from services.video.engines.puppet.mouth import Mouth
from services.video.engines.puppet.mouth_shape import posed_mouth, resting_mouth, unwidened

U = np.linspace(-1.2, 1.2, 97, dtype=np.float32)
SIZE = 400


def face() -> Face:
    return canonical_face().mapped((90, 90), (-SIZE / 180, -1.3))


def open_mouthed() -> Face:
    """The same face with its lips a fifth of a mouth apart."""
    points = face().points.copy()
    points[contour_slices()["inner_lower"]][1:-1, 1] += 15
    points[contour_slices()["outer_lower"]][1:-1, 1] += 15
    return replace(face(), points=points)


def skin() -> np.ndarray:
    noise = np.random.default_rng(0).integers(-6, 6, (SIZE, SIZE, 1))
    return (np.array([110, 140, 200]) + noise).astype(np.uint8)


def gap(someone: Face, pose: LipPose) -> np.ndarray:
    mouth = resting_mouth(someone, FeatureFrame.between(*someone.mouth_corners))
    curves = posed_mouth(mouth, mouth.at(U), pose, U)
    return curves.lower_inner - curves.upper_inner


@pytest.mark.parametrize("someone", [face(), open_mouthed()])
def test_a_mouth_at_rest_is_closed_even_if_the_portraits_is_open(someone: Face) -> None:
    assert np.abs(gap(someone, LipPose())).max() < 1e-5


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


def test_the_region_is_even_and_inside_a_picture_that_cuts_the_chin_off() -> None:
    mouth = Mouth(skin()[:240], face())
    region = mouth.region
    assert all(number % 2 == 0 for number in (region.left, region.top, region.width, region.height))
    assert region.top + region.height <= 240
    assert mouth.drawn(LipPose(open=0.3)).shape == (region.height, region.width, 3)


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


@pytest.mark.parametrize("scale", [30, 90, 700])
def test_a_field_on_the_grid_is_the_same_at_every_size_of_the_picture(scale: float) -> None:
    frame = FeatureFrame.between(np.array([scale, scale]), np.array([2.0 * scale, 1.2 * scale]))
    grid = FrameGrid(frame, (-1, -1), (1, 1), 0.04)
    region = Region.around(frame.pixels(np.array([(-0.5, -0.5), (0.5, 0.5)], np.float32)), (2000, 2000))
    seen = grid.enlarged(grid.u * 2 + grid.v, region)
    u, v = frame.coordinates(region)
    assert np.abs(seen - (2 * u + v)).max() < 0.01
