import cv2
import numpy as np

from services.video.engines.puppet.portrait.eye_tracing import with_traced_eyes
from tests.unit.video.puppet.drawn_face import FACE, SIZE, portrait


def test_a_round_eye_is_traced_round() -> None:
    picture = portrait()
    for eye in FACE.eyes:
        middle = eye.lid[[0, -1]].mean(axis=0).astype(int)
        cv2.circle(picture, (int(middle[0]), int(middle[1])), 20, (60, 160, 90), -1)
    left, _ = with_traced_eyes(picture, FACE).eyes
    height = float((left.underlid - left.lid)[4, 1])
    width = float(left.lid[-1, 0] - left.lid[0, 0])
    assert 34 < height < 56 and 34 < width < 56


def test_the_outline_stays_where_no_eye_is_seen() -> None:
    plain = np.full((SIZE, SIZE, 3), 128, dtype=np.uint8)
    assert np.array_equal(with_traced_eyes(plain, FACE).points, FACE.points)
