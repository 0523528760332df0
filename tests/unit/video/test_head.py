import numpy as np
import pytest

from services.video.engines.puppet.canonical import canonical_face
from services.video.engines.puppet.head import Head, HeadPose
from services.video.engines.puppet.i420 import I420Picture

SIZE = 480, 400
FACE = canonical_face().mapped((50, 50), (-SIZE[0] / 100, -3.6))
STILL, MOVED = HeadPose(0, 0, 0, 0, 0), HeadPose(1, -1, 0.016, 0.008, 0.004)


def picture() -> I420Picture:
    noise = np.random.default_rng(0).integers(16, 235, (SIZE[1], SIZE[0], 3))
    return I420Picture.from_bgr(noise.astype(np.uint8))


def change(head: Head, pose: HeadPose) -> np.ndarray:
    """How much the brightness of each pixel changes."""
    moved = picture()
    head.move(picture(), moved, pose)
    return np.abs(moved.planes[0].astype(int) - picture().planes[0])


def person() -> np.ndarray:
    """Someone as wide as the face, from the forehead down."""
    left, top, right, _ = (int(side) for side in FACE.box)
    mask = np.zeros((SIZE[1], SIZE[0]), dtype=bool)
    mask[top:, left:right] = True
    return mask


@pytest.mark.parametrize("known", [None, person()])
def test_a_head_held_still_leaves_every_pixel_alone(known: np.ndarray | None) -> None:
    assert change(Head(FACE, SIZE, known), STILL).max() <= 1


@pytest.mark.parametrize("known", [None, person()])
def test_the_face_moves_and_the_edges_of_the_picture_do_not(known: np.ndarray | None) -> None:
    moved = change(Head(FACE, SIZE, known), MOVED)
    left, top, right, bottom = (int(side) for side in FACE.box)
    assert moved[top:bottom, left:right].mean() > 5
    edges = np.ones(moved.shape, dtype=bool)
    edges[2:-2, 2:-2] = False
    assert moved[edges].max() <= 1


def test_what_is_behind_the_person_stays_still() -> None:
    left, _, right, _ = FACE.box
    margin = 0.25 * (FACE.box[3] - FACE.box[1])
    moved = change(Head(FACE, SIZE, person()), MOVED)
    assert moved[:, : int(left - margin)].max() <= 1
    assert moved[:, int(right + margin) :].max() <= 1
    assert change(Head(FACE, SIZE), MOVED)[:, : int(left - margin)].max() > 20


def test_a_turned_head_moves_its_nose_more_than_its_rim() -> None:
    fields = Head(FACE, SIZE)
    ramp = np.tile(np.linspace(16, 235, SIZE[0]), (SIZE[1], 1)).astype(np.uint8)
    still = I420Picture.from_bgr(np.repeat(ramp[:, :, None], 3, axis=2))
    moved = still.copy()
    fields.move(still, moved, HeadPose(12, 0, 0, 0, 0))
    shift = still.planes[0].astype(int) - moved.planes[0]
    (nose_x, nose_y), (rim_x, rim_y) = FACE.contour("nose_base")[0], FACE.contour("oval")[27]
    nose, rim = (
        shift[int(y) - 4 : int(y) + 4, int(x) - 4 : int(x) + 4].mean()
        for x, y in ((nose_x, nose_y), (rim_x, rim_y))
    )
    assert nose > 1.3 * rim > 0
