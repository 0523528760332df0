"""Tracks the opening of the mouth in a finished video, in each picture by itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.mp4 import read_pictures

INNER_LIPS = ((82, 87), (13, 14), (312, 317))
"""Pairs of points of MediaPipe's face mesh, one above the other."""
EYE_CORNERS = (33, 263)


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """One value for each picture, both of shape (n,).

    `seconds` is its time. `opening` is the distance of the inner lips, relative to that of the outer corners
    of the eyes; NaN where no face was found.
    """

    seconds: NDArray[np.float64]
    opening: NDArray[np.float64]


def track_mouth(video: Path) -> MouthTrack:
    """Returns the track of a video. Each picture is analysed alone: no smoothing shifts it in time."""
    from mediapipe.python.solutions.face_mesh import FaceMesh  # pyright: ignore[reportMissingTypeStubs]

    seconds: list[float] = []
    opening: list[float] = []
    with FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True) as mesh:
        for picture in read_pictures(video):
            seconds.append(picture.seconds)
            opening.append(mouth_opening(mesh.process(picture.rgb), picture.rgb.shape[:2]))
    return MouthTrack(np.array(seconds), np.array(opening))


def mouth_opening(found: Any, size: tuple[int, ...]) -> float:
    """Returns the opening in MediaPipe's result for a picture of that (height, width); NaN without a face."""
    if not found.multi_face_landmarks:
        return np.nan
    height, width = size
    points = np.array([(p.x * width, p.y * height) for p in found.multi_face_landmarks[0].landmark])
    gaps = [np.linalg.norm(points[upper] - points[lower]) for upper, lower in INNER_LIPS]
    left, right = EYE_CORNERS
    return float(np.mean(gaps) / np.linalg.norm(points[left] - points[right]))
