"""Where the face is: found in the picture, or told by the caller."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.chassis.errors import InvalidArgument
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
        """`InvalidArgument` for points that make no face."""
        self._points = _as_points(landmarks)
        _check_upright(self._points)

    def locate(self, image: Image) -> Face:
        del image
        canonical = canonical_face()
        fit = thin_plate_warp(seven_points(canonical), self._points)
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


def _check_upright(points: Points) -> None:
    left_eye, right_eye, mouth_left, mouth_right, upper_lip, lower_lip, chin = points
    # For a face that leans, "below" is across the line between the eyes, not down the picture.
    across = right_eye - left_eye
    down = np.array([-across[1], across[0]])
    in_order = np.diff([float(p @ down) for p in ((left_eye + right_eye) / 2, upper_lip, lower_lip, chin)])
    wide = np.hypot(*(mouth_right - mouth_left)) >= 1 and float((mouth_right - mouth_left) @ across) > 0
    if not (np.isfinite(points).all() and wide and (in_order > 0).all()):
        raise InvalidArgument(
            "The landmarks make no face: left and right are those of the picture, and from the top down "
            "come the eyes, the upper lip, the lower lip and the chin."
        )


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
