from dataclasses import replace

import cv2
import numpy as np
import pytest

from services.video.engines.puppet.eyes.eyes import Eyes
from services.video.engines.puppet.eyes.pose import EyesPose, stepped
from services.video.engines.puppet.geometry.face import EyeOutline
from tests.unit.video.puppet.drawn_face import FACE, SIZE, SKIN, WHITE, outline, portrait


def drawn(pose: EyesPose) -> np.ndarray:
    picture = portrait()
    eyes = Eyes(picture, FACE)
    eyes.region.of(picture)[:] = eyes.drawn(pose)
    return picture.astype(int)


def inside(picture: np.ndarray, eye: EyeOutline) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), dtype=np.uint8)
    cv2.fillPoly(mask, [outline(eye)], 1)
    return picture[mask > 0]


def test_eyes_at_rest_leave_the_portrait_as_it_is() -> None:
    assert np.abs(drawn(EyesPose()) - portrait()).max() <= 3


def test_a_shut_eye_shows_skin_and_the_other_stays_open() -> None:
    picture = drawn(EyesPose(shut_left=1))
    left, right = FACE.eyes
    assert inside(picture, left).max() < WHITE - 20
    assert inside(picture, right).max() >= WHITE


def test_skin_above_the_eye_stays_as_light_as_it_is_when_the_lid_comes_down() -> None:
    picture, (x, y) = np.full((SIZE, SIZE, 3), SKIN, dtype=np.uint8), FACE.eyes[0].lid[4].astype(int)
    eyes = Eyes(picture, FACE)
    eyes.region.of(picture)[:] = eyes.drawn(EyesPose(shut_left=0.5))
    assert picture[y - 12 : y - 2, x].mean(axis=1).min() > 0.93 * SKIN.mean()


def test_an_eye_fitted_to_landmarks_is_closed_by_its_surroundings() -> None:
    picture = portrait()
    skin = picture.max(axis=2) < WHITE - 10
    picture[:, :, 2] = np.where(skin, np.linspace(60, 255, SIZE)[:, None], picture[:, :, 2])
    face = replace(FACE, fitted=True)
    eyes = Eyes(picture, face)
    eyes.region.of(picture)[:] = eyes.drawn(EyesPose(shut_left=1))
    left, right = face.eyes
    assert np.percentile(inside(picture, left).min(axis=1), 90) < WHITE - 60, "no white is seen"
    assert inside(picture, right).min(axis=1).max() >= WHITE
    column = picture[: int(left.lid[4, 1]) + 1, int(left.lid[4, 0]), 2].astype(int)
    assert np.diff(column[column > 0]).min() > -3, "what was above the eye is still in order"


@pytest.mark.parametrize(("side", "sign"), [(-1.0, -1), (1.0, 1)])
def test_the_iris_goes_where_the_eye_looks(side: float, sign: int) -> None:
    def iris(picture: np.ndarray) -> float:
        dark = picture.max(axis=2) < 60
        left, top = FACE.eyes[0].lid.min(axis=0).astype(int)
        right = int(FACE.eyes[0].lid[-1, 0])
        return float(np.argwhere(dark[top : top + 20, left:right])[:, 1].mean())

    assert sign * (iris(drawn(EyesPose(look_x=side))) - iris(portrait().astype(int))) > 3


@pytest.mark.parametrize(("pose", "sign"), [(EyesPose(brows=1), -1), (EyesPose(brows=-1), 1)])
def test_brows_rise_and_sink(pose: EyesPose, sign: int) -> None:
    x = int(FACE.eyes[0].brow[2, 0])
    band = np.s_[int(FACE.eyes[0].brow[2, 1]) - 15 : int(FACE.eyes[0].lid[4, 1]) - 2, x]
    before, after = (picture[band].sum(axis=1).argmin() for picture in (portrait().astype(int), drawn(pose)))
    assert sign * (int(after) - int(before)) >= 2


def test_the_border_of_the_region_stays() -> None:
    everything = EyesPose(-0.5, 1, 1, 1, 1, 1, 1)
    eyes = Eyes(portrait(), FACE)
    border = np.ones((eyes.region.height, eyes.region.width), dtype=bool)
    border[2:-2, 2:-2] = False
    change = eyes.drawn(everything).astype(int) - eyes.region.of(portrait())
    assert np.abs(change[border]).max() <= 12


def test_stepped_poses_repeat() -> None:
    track = stepped(np.random.default_rng(0).uniform(-1, 1, (2000, 7)).astype(np.float32))
    assert len(np.unique(track[:, 0])) <= 25
