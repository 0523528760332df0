from pathlib import Path

import cv2
import numpy as np
import pytest

from services.video.engines.protocol import Rendering
from services.video.engines.puppet.geometry.face import Face, contour_slices
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.mouth import Mouth
from services.video.engines.puppet.mouth.own_teeth import MAX_DOUBT, OwnTeeth, find_own_teeth
from services.video.engines.puppet.mouth.phonetics import viseme_of
from services.video.engines.puppet.mouth.shape import resting_mouth
from services.video.engines.puppet.mouth.warp import MouthWarp
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.rig.setup import RigSetup
from tests.examples import EXAMPLES, PORTRAIT
from tests.unit.video.puppet.mouth.colour_distance import colour_distance, lab_of

SIZE, GAP = 600, 0.3
SKIN, LIPS, DARK, TONGUE = (110, 140, 200), (90, 90, 180), (20, 20, 50), (70, 70, 190)
WHITE, YELLOW, GUMS = (225, 235, 240), (140, 200, 220), (110, 110, 190)
SMILING = EXAMPLES / "faces" / "smiling.jpg"


def open_face() -> Face:
    """Returns the neutral face with its lips `GAP` mouth widths apart."""
    face = canonical_face().mapped((130, 130), (-SIZE / 260, -1.4))
    frame, points = FeatureFrame.between(*face.mouth_corners), face.points.copy()
    for name in ("inner_lower", "outer_lower"):
        lip = points[contour_slices()[name]]
        lip[:, 1] += GAP * frame.unit * np.clip(1 - 4 * frame.uv(lip)[:, 0] ** 2, 0, 1)
    return Face(points)


FACE = open_face()
FRAME = FeatureFrame.between(*FACE.mouth_corners)
TOP = float(resting_mouth(FACE, FRAME).at(np.zeros(1, np.float32)).upper_inner[0])


def outline(*names: str) -> np.ndarray:
    upper, lower = (FACE.contour(name) for name in names)
    return np.round(np.concatenate([upper, lower[::-1]])).astype(np.int32)


def portrait(*bands: tuple[float, float, tuple[int, int, int]], teeth: float = 0.1) -> np.ndarray:
    """Draws the face with an open mouth: bands across it, from one depth to another, each with its colour.

    White and yellow bands have a dark gap every `teeth` mouth widths.
    """
    picture = np.full((SIZE, SIZE, 3), SKIN, dtype=np.uint8)
    cv2.fillPoly(picture, [outline("outer_upper", "outer_lower")], LIPS)
    inside = np.zeros((SIZE, SIZE), dtype=np.uint8)
    cv2.fillPoly(inside, [outline("inner_upper", "inner_lower")], 1)
    picture[inside > 0] = DARK
    y, x = np.indices((SIZE, SIZE), dtype=np.float32)
    u, v = FRAME.uv(np.stack([x.ravel(), y.ravel()], axis=1)).T.reshape(2, SIZE, SIZE)
    for start, end, colour in bands:
        band = (inside > 0) & (v - TOP >= start) & (v - TOP < end)
        picture[band] = colour
        if colour in (WHITE, YELLOW):
            picture[band & (np.abs((u + 0.03) % teeth - teeth / 2) > 0.44 * teeth)] = DARK
    return picture


def found(picture: np.ndarray, face: Face = FACE) -> OwnTeeth | None:
    frame = FeatureFrame.between(*face.mouth_corners)
    mouth = resting_mouth(face, frame)
    region = MouthWarp(mouth, frame, (picture.shape[1], picture.shape[0])).region
    return find_own_teeth(picture, mouth, frame, region)


SMILE = portrait((-1, 0.13, WHITE))


@pytest.mark.parametrize(
    "picture",
    [
        SMILE,
        portrait((-1, 0.13, YELLOW)),
        portrait((-1, 0.05, GUMS), (0.05, 0.15, WHITE)),
        portrait((-1, 0.12, WHITE), (0.17, 0.4, TONGUE)),
        (SMILE * 0.4).astype(np.uint8),
        cv2.cvtColor(cv2.cvtColor(SMILE, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
    ],
    ids=["white", "yellow", "below gums", "above a tongue", "in a dark picture", "in a grey picture"],
)
def test_teeth_between_the_lips_are_found(picture: np.ndarray) -> None:
    own = found(picture)
    assert own is not None and own.doubt <= MAX_DOUBT
    assert own.lower is None


@pytest.mark.parametrize(
    "picture",
    [
        portrait(),
        portrait((-1, 1, TONGUE)),
        portrait((0.15, 0.4, TONGUE)),
        portrait((-1, 1, LIPS)),
        portrait((0.14, 0.2, WHITE)),
        portrait((-1, 1, WHITE)),
    ],
    ids=["dark", "tongue", "tongue in the dark", "lips", "something white in the dark", "white all over"],
)
def test_what_is_not_surely_teeth_is_not_taken_for_them(picture: np.ndarray) -> None:
    assert found(picture) is None


def test_closed_lips_show_no_teeth() -> None:
    closed = canonical_face().mapped((130, 130), (-SIZE / 260, -1.4))
    assert found(SMILE, closed) is None


def test_their_colour_is_that_of_the_portraits() -> None:
    own = found(portrait((-1, 0.13, YELLOW)))
    assert own is not None
    assert own.colour == pytest.approx(YELLOW, abs=6)


def drawn(picture: np.ndarray, pose: LipPose) -> np.ndarray:
    """Returns the picture with the mouth in this pose."""
    mouth, canvas = Mouth(picture, FACE), picture.copy()
    mouth.region.of(canvas)[:] = mouth.drawn(pose)
    return canvas


def at(picture: np.ndarray, u: float, depth: float) -> np.ndarray:
    """Returns the colour at this place, `depth` below the edge of the upper lip in the portrait."""
    place = FRAME.pixels(np.array([[u, TOP + depth]], dtype=np.float32))[0]
    return picture[round(float(place[1])), round(float(place[0]))].astype(float)


@pytest.mark.parametrize("jaw", [0.05, 0.2])
def test_upper_teeth_stay_where_they_are_in_the_portrait(jaw: float) -> None:
    spoken = drawn(SMILE, LipPose(open=0.3, jaw=jaw))
    for u in (-0.06, 0.02, 0.07, 0.12):
        assert at(spoken, u, 0.105) == pytest.approx(at(SMILE, u, 0.105), abs=25)


def test_the_lower_row_falls_with_the_jaw() -> None:
    picture = portrait((-1, 0.1, WHITE), (0.22, 0.4, YELLOW))
    own = found(picture)
    assert own is not None and own.lower is not None

    def first_yellow(jaw: float) -> float:
        spoken = drawn(picture, LipPose(open=0.4, jaw=jaw))
        column = np.array([at(spoken, 0.02, depth) for depth in np.arange(0.11, 0.5, 0.005)])
        return 0.005 * int(np.argmax((column[:, 1] > 120) & (column[:, 0] < 0.75 * column[:, 2])))

    assert 0.07 < first_yellow(0.15) - first_yellow(0.05) < 0.12


@pytest.mark.parametrize("sound", ["m", "p"])
def test_a_mouth_that_shows_teeth_in_the_portrait_is_closed_for_the_lips_sounds(sound: str) -> None:
    spoken = drawn(SMILE, viseme_of(sound).pose)
    column = np.array([at(spoken, 0.02, depth) for depth in np.arange(-0.1, 0.3, 0.005)])
    assert (column[:, 2] - column[:, 0]).min() > 40, "teeth are not as red as lips"


@pytest.fixture(scope="module")
def smiling(rig_setup: RigSetup) -> tuple[np.ndarray, Face]:
    shown = rig_setup.compose(Rendering(SMILING, Path(), width=512, height=512))
    return shown.picture, shown.face


@pytest.mark.parametrize("sound", ["a", "ɛ", "i", "s"])
def test_the_teeth_of_a_smiling_portrait_are_its_own(smiling: tuple[np.ndarray, Face], sound: str) -> None:
    """CIEDE2000 over the visible teeth at most 6, and the edges between them are seen."""
    picture, face = smiling
    photo, film, teeth = visible_teeth(picture, face, viseme_of(sound).pose)
    assert teeth.sum() > 25
    assert colour_distance(film[teeth], photo[teeth]).mean() < 6
    before, after = (row_of_teeth(each, teeth) for each in (photo, film))
    assert np.abs(np.diff(before)).mean() > 2, "there are edges in the photo"
    assert np.corrcoef(np.diff(before), np.diff(after))[0, 1] > 0.8


def visible_teeth(picture: np.ndarray, face: Face, pose: LipPose) -> tuple[np.ndarray, ...]:
    """Returns the photo and the film in the mouth's region, and where the pose opens on the photo's teeth."""
    mouth, frame = Mouth(picture, face), FeatureFrame.between(*face.mouth_corners)
    photo = mouth.region.of(picture)
    maps = MouthWarp(resting_mouth(face, frame), frame, (512, 512)).maps(pose, margin=4)
    opened = np.zeros(photo.shape[:2], dtype=bool)
    opened[maps.band] = (maps.above < -1) & (maps.below < -1)
    lips = np.round(np.concatenate([face.contour("inner_upper"), face.contour("inner_lower")[::-1]]))
    inside = np.zeros(photo.shape[:2], dtype=np.uint8)
    cv2.fillPoly(inside, [(lips - np.array([mouth.region.left, mouth.region.top])).astype(np.int32)], 1)
    lab = lab_of(photo.reshape(-1, 3)).reshape(photo.shape)
    teeth = opened & (inside > 0) & (lab[:, :, 0] > 60) & (lab[:, :, 1] < 7)
    return photo, mouth.drawn(pose), teeth


def row_of_teeth(picture: np.ndarray, teeth: np.ndarray) -> np.ndarray:
    """Returns the brightness along the row of pixels that shows most teeth."""
    row = int(np.argmax(teeth.sum(axis=1)))
    columns = np.flatnonzero(teeth[row])
    return picture[row, columns[0] : columns[-1] + 1].mean(axis=1)


@pytest.mark.parametrize("path", [SMILING, PORTRAIT], ids=["smiling", "closed"])
def test_lips_that_press_on_each_other_meet_in_no_purple_line(rig_setup: RigSetup, path: Path) -> None:
    shown = rig_setup.compose(Rendering(path, Path(), width=512, height=512))
    mouth, frame = Mouth(shown.picture, shown.face), FeatureFrame.between(*shown.face.mouth_corners)
    spoken = mouth.drawn(viseme_of("m").pose).astype(float)
    line = resting_mouth(shown.face, frame).middle
    for u in (-0.2, -0.05, 0.1):
        places = frame.pixels(
            np.array([(u, line + step) for step in np.arange(-0.05, 0.05, 0.01)], np.float32)
        )
        x, y = np.round(places - np.array([mouth.region.left, mouth.region.top])).astype(int).T
        blue, green, red = spoken[y, x].T
        assert (blue < green).all() and (red > 1.3 * green).any()
