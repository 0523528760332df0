"""Face drawn with a few shapes, for tests of the eyes and their surroundings."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.face import EyeOutline
from services.video.engines.puppet.portrait.canonical import canonical_face

SIZE = 400
FACE = canonical_face().mapped((90, 90), (-SIZE / 180, -1.3))
WHITE, SKIN = 235, np.array([110, 140, 200])


def outline(eye: EyeOutline) -> np.ndarray:
    return np.round(np.concatenate([eye.lid, eye.underlid[::-1]])).astype(np.int32)


def portrait(bridge: bool = False) -> np.ndarray:
    """Draws skin with two white eyes that have dark irises, and the bridge of glasses if asked for."""
    noise = np.random.default_rng(0).integers(-6, 6, (SIZE, SIZE, 1))
    picture = (SKIN + noise).astype(np.uint8)
    for eye in FACE.eyes:
        cv2.fillPoly(picture, [outline(eye)], (WHITE, WHITE, WHITE))
        x, y = (round(float(number)) for number in (eye.lid[4] + eye.underlid[4]) / 2)
        cv2.circle(picture, (x, y), 6, (30, 30, 30), -1)
        cv2.polylines(picture, [np.round(eye.brow[[0, -1]]).astype(np.int32)], False, (40, 40, 60), 5)
    if bridge:
        middle = np.mean([eye.lid[[0, -1]].mean(axis=0) for eye in FACE.eyes], axis=0).astype(int)
        cv2.rectangle(
            picture, (middle[0] - 25, middle[1] - 4), (middle[0] + 25, middle[1] + 2), (20, 20, 20), -1
        )
    return picture
