import cv2
import numpy as np
import pytest

from services.video.engines.puppet.frames.canvas import Canvas
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.grid import STEP
from services.video.engines.puppet.geometry.types import Region
from services.video.engines.puppet.head.camera import CameraPose
from services.video.engines.puppet.head.movement import Movement
from services.video.engines.puppet.head.pose import Head, HeadPose
from services.video.engines.puppet.portrait.canonical import canonical_face

SIZE = 480, 400
FACE = canonical_face().mapped((50, 50), (-SIZE[0] / 100, -3.6))
STILL, MOVED = HeadPose(0, 0, 0, 0, 0), HeadPose(1, -1, 0.016, 0.008, 0.004)


def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(16, 235, (SIZE[1], SIZE[0], 3)).astype(np.uint8)


def ramp(axis: int) -> np.ndarray:
    """Returns a picture from dark to bright along an axis."""
    levels = np.linspace(16, 235, (SIZE[1], SIZE[0])[axis])
    return np.broadcast_to(levels[:, None, None] if axis == 0 else levels[:, None], noise().shape).astype(
        np.uint8
    )


def picture() -> Planes:
    return Planes.from_bgr(noise())


def change(movement: Movement, pose: HeadPose) -> np.ndarray:
    """Returns how much the brightness of each pixel changes."""
    moved = picture()
    movement.draw(Canvas(noise()), moved, pose)
    return np.abs(moved.y.astype(int) - picture().y)


def person() -> np.ndarray:
    """Returns a person as wide as the face, from the forehead down."""
    left, top, right, _ = (int(side) for side in FACE.box)
    mask = np.zeros((SIZE[1], SIZE[0]), dtype=bool)
    mask[top:, left:right] = True
    return mask


@pytest.mark.parametrize("known", [None, person()])
def test_a_head_held_still_leaves_every_pixel_alone(known: np.ndarray | None) -> None:
    assert change(Movement(FACE, SIZE, known), STILL).max() <= 1


@pytest.mark.parametrize("known", [None, person()])
def test_the_face_moves_and_the_edges_of_the_picture_do_not(known: np.ndarray | None) -> None:
    moved = change(Movement(FACE, SIZE, known), MOVED)
    left, top, right, bottom = (int(side) for side in FACE.box)
    assert moved[top:bottom, left:right].mean() > 5
    edges = np.ones(moved.shape, dtype=bool)
    edges[2:-2, 2:-2] = False
    assert moved[edges].max() <= 1


def test_what_is_behind_the_person_stays_still() -> None:
    left, _, right, _ = FACE.box
    margin = 0.25 * (FACE.box[3] - FACE.box[1])
    moved = change(Movement(FACE, SIZE, person()), MOVED)
    assert moved[:, : int(left - margin)].max() <= 1
    assert moved[:, int(right + margin) :].max() <= 1
    assert change(Movement(FACE, SIZE), MOVED)[:, : int(left - margin)].max() > 20


def test_a_persons_rim_moves_less_so_that_what_is_beside_it_hardly_does() -> None:
    left, top, _, bottom = FACE.box
    height, rim = bottom - top, int(left) - 1.5
    head = Head(FACE, Region(0, 0, *SIZE), person())
    places = [(rim + share * height, (top + bottom) / 2) for share in (-0.06, -0.02, 0.12)]
    far, near, inside = head.on_person(np.array([places], dtype=np.float32))[0]
    assert far == 0 and near < 0.35 and inside == 1


@pytest.mark.parametrize("pose", [HeadPose(5, 0, 0, 0, 0), HeadPose(0, 3, 0, 0, 0)], ids=["turn", "nod"])
def test_a_head_that_turns_or_nods_keeps_its_outline_and_what_is_behind_it(pose: HeadPose) -> None:
    moved = change(Movement(FACE, SIZE, person()), pose)
    cell = np.ones((2 * STEP + 1, 2 * STEP + 1), dtype=np.uint8)
    assert moved[cv2.dilate(person().astype(np.uint8), cell) == 0].max() <= 1
    x, y = (int(number) for number in FACE.contour("nose_base")[0])
    assert moved[y - 10 : y + 10, x - 10 : x + 10].mean() > 10


def test_a_head_whose_rim_is_not_known_turns_within_it() -> None:
    left, _, right, _ = FACE.box
    margin = 0.35 * (right - left)
    moved = change(Movement(FACE, SIZE), HeadPose(5, 0, 0, 0, 0))
    assert moved[:, : int(left - margin)].max() <= 1
    assert moved[:, int(right + margin) :].max() <= 1


def test_a_turned_head_moves_its_nose_more_than_its_rim() -> None:
    fields = Movement(FACE, SIZE)
    still = Canvas(ramp(1))
    moved = Planes.from_bgr(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    moved.fill(still.planes)
    fields.draw(still, moved, HeadPose(12, 0, 0, 0, 0))
    shift = still.planes.y.astype(int) - moved.y
    (nose_x, nose_y), (rim_x, rim_y) = FACE.contour("nose_base")[0], FACE.contour("oval")[27]
    nose, rim = (
        shift[int(y) - 4 : int(y) + 4, int(x) - 4 : int(x) + 4].mean()
        for x, y in ((nose_x, nose_y), (rim_x, rim_y))
    )
    assert nose > 1.3 * rim > 0


def test_a_camera_moves_the_edges_too_and_a_still_one_moves_nothing() -> None:
    movement = Movement(FACE, SIZE, camera_moves=True)
    moved = picture()
    movement.draw(Canvas(noise()), moved, STILL, CameraPose(zoom=1.2))
    assert np.abs(moved.y.astype(int) - picture().y)[:4].mean() > 20
    movement.draw(Canvas(noise()), moved, STILL)
    assert np.abs(moved.y.astype(int) - picture().y).max() <= 1


def test_an_orbit_moves_the_person_against_what_is_behind() -> None:
    movement = Movement(FACE, SIZE, person(), camera_moves=True)
    still = Canvas(ramp(1))
    moved = Planes.from_bgr(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    movement.draw(still, moved, STILL, CameraPose(orbit=0.02))
    shift = still.planes.y.astype(int) - moved.y
    x, y = (int(number) for number in FACE.contour("nose_base")[0])
    assert shift[y, x - 5 : x + 5].mean() > 2
    assert np.abs(shift[:, :20]).max() <= 1


def test_a_moved_picture_is_in_one_piece_wherever_the_camera_looks() -> None:
    """Draws in bands; what moves in one may come from another."""
    movement = Movement(FACE, SIZE, camera_moves=True)
    still = Canvas(ramp(0))
    moved = Planes.from_bgr(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    movement.draw(still, moved, HeadPose(0, 0, 0.1, 0, 0.05), CameraPose(zoom=1.5, y=0.15))
    assert np.abs(np.diff(moved.y.astype(int), axis=0)).max() <= 2
