"""Face as the contours that the puppet moves."""

from dataclasses import dataclass, replace

import numpy as np

from services.video.engines.puppet.geometry.types import Points, Sides

# fmt: off
_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
# fmt: on
# Indices into MediaPipe's 468-point face mesh; all but the oval run from left to right in the picture.
MESH_CONTOURS: dict[str, tuple[int, ...]] = {
    "outer_upper": (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    "inner_upper": (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    "inner_lower": (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
    "outer_lower": (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    "left_lid": (33, 246, 161, 160, 159, 158, 157, 173, 133),
    "left_underlid": (33, 7, 163, 144, 145, 153, 154, 155, 133),
    "left_brow": (46, 53, 52, 65, 55),
    "right_lid": (362, 398, 384, 385, 386, 387, 388, 466, 263),
    "right_underlid": (362, 382, 381, 380, 374, 373, 390, 249, 263),
    "right_brow": (285, 295, 282, 283, 276),
    "nose_base": (2,),
    "oval": _OVAL,
}
CHIN_IN_OVAL = 18


def contour_slices() -> dict[str, slice]:
    """Returns where each contour stands in `Face.points`."""
    slices: dict[str, slice] = {}
    start = 0
    for name, indices in MESH_CONTOURS.items():
        slices[name] = slice(start, start + len(indices))
        start += len(indices)
    return slices


_SLICES = contour_slices()
POINT_COUNT = sum(map(len, MESH_CONTOURS.values()))


@dataclass(frozen=True, slots=True)
class EyeOutline:
    """Outline of one eye, all left to right.

    `lid` and `underlid` are (9, 2) from corner to corner, `brow` is (5, 2).
    """

    lid: Points
    underlid: Points
    brow: Points


@dataclass(frozen=True, slots=True)
class Face:
    """Face in pixels: `points` is (POINT_COUNT, 2) in the order of `MESH_CONTOURS`.

    `fitted` marks a face that was fitted to a caller's landmarks, not detected. It may be an animal's or a
    drawn one, so that it need not be human.
    """

    points: Points
    fitted: bool = False

    @classmethod
    def from_mesh(cls, mesh: Points) -> "Face":
        """Takes the contours out of `mesh`, which is (at least 468, 2), in pixels."""
        indices = [i for contour in MESH_CONTOURS.values() for i in contour]
        return cls(np.ascontiguousarray(mesh[indices], dtype=np.float32))

    def contour(self, name: str) -> Points:
        """Returns the contour of that name, (n, 2), left to right; see `MESH_CONTOURS` for the names."""
        return self.points[_SLICES[name]]

    @property
    def eyes(self) -> tuple[EyeOutline, EyeOutline]:
        """Outline of the eye on the left of the picture, and of the one on the right."""
        left, right = (
            EyeOutline(
                self.contour(f"{side}_lid"), self.contour(f"{side}_underlid"), self.contour(f"{side}_brow")
            )
            for side in ("left", "right")
        )
        return left, right

    @property
    def mouth_corners(self) -> tuple[Points, Points]:
        lip = self.contour("outer_upper")
        return lip[0], lip[-1]

    @property
    def chin(self) -> Points:
        return self.contour("oval")[CHIN_IN_OVAL]

    @property
    def box(self) -> Sides:
        """Left, top, right and bottom of the face, from the forehead to the chin."""
        left, top = self.points.min(axis=0)
        right, bottom = self.points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    def mapped(self, scale: tuple[float, float], offset: tuple[float, float]) -> "Face":
        """Returns the face in a picture where x becomes (x - offset) * scale, for either axis."""
        moved = (self.points - np.array(offset)) * np.array(scale)
        return replace(self, points=moved.astype(np.float32))
