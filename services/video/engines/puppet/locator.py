"""Where the face is: found in the picture, or told by the caller."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.video.engines.protocol import FaceLandmarks
from services.video.engines.puppet.canonical import canonical_face
from services.video.engines.puppet.face import Face, Points
from services.video.engines.puppet.thin_plate import thin_plate_warp

Image = npt.NDArray[np.uint8]


class FaceLocator(Protocol):
    def locate(self, image: Image) -> Face | None:
        """The most prominent face of a BGR picture, in its pixels, or None where there is none."""
        ...


class GivenLandmarks:
    """Fits the canonical face to the seven points that the caller gave; never looks at the picture."""

    def __init__(self, landmarks: FaceLandmarks) -> None:
        self._landmarks = landmarks

    def locate(self, image: Image) -> Face:
        del image
        canonical = canonical_face()
        fit = thin_plate_warp(seven_points(canonical), _as_points(self._landmarks))
        return Face(fit(canonical.points), eyes_traced=False)


def seven_points(face: Face) -> Points:
    """(7, 2): the points of `FaceLandmarks` in its order, read off a face."""
    left, right = face.mouth_corners
    eyes = [
        np.concatenate([face.contour(f"{s}_lid"), face.contour(f"{s}_underlid")]).mean(axis=0)
        for s in ("left", "right")
    ]
    upper, lower = face.contour("outer_upper")[5], face.contour("outer_lower")[5]
    return np.stack([*eyes, left, right, upper, lower, face.chin]).astype(np.float32)


def _as_points(given: FaceLandmarks) -> Points:
    return np.array(
        [
            given.left_eye,
            given.right_eye,
            given.mouth_left,
            given.mouth_right,
            given.upper_lip,
            given.lower_lip,
            given.chin,
        ],
        dtype=np.float32,
    )
