"""The mouth of a finished video, found anew in every one of its pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.mp4 import read_pictures

INNER_LIPS = ((82, 87), (13, 14), (312, 317))
"""Points of MediaPipe's face mesh that stand one above the other."""
EYE_CORNERS = (33, 263)


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """One row a picture: its `seconds`, and how far the inner lips are apart, in distances of the outer
    corners of the eyes; NaN where no face was found."""

    seconds: NDArray[np.float64]
    opening: NDArray[np.float64]


def track_mouth(video: Path) -> MouthTrack:
    """Each picture is looked at by itself: no smoothing over time shifts what is found."""
    from mediapipe.python.solutions.face_mesh import FaceMesh

    seconds: list[float] = []
    opening: list[float] = []
    with FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True) as mesh:
        for picture in read_pictures(video):
            seconds.append(picture.seconds)
            opening.append(mouth_opening(mesh.process(picture.rgb), picture.rgb.shape[:2]))
    return MouthTrack(np.array(seconds), np.array(opening))


def mouth_opening(found: Any, size: tuple[int, ...]) -> float:
    if not found.multi_face_landmarks:
        return np.nan
    height, width = size
    points = np.array([(p.x * width, p.y * height) for p in found.multi_face_landmarks[0].landmark])
    gaps = [np.linalg.norm(points[upper] - points[lower]) for upper, lower in INNER_LIPS]
    left, right = EYE_CORNERS
    return float(np.mean(gaps) / np.linalg.norm(points[left] - points[right]))
