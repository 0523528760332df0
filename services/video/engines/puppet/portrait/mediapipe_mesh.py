"""Finds faces with MediaPipe's face mesh. Importing this loads MediaPipe."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image, Points
from services.video.engines.puppet.portrait.face_selection import overlap
from services.video.engines.puppet.portrait.mediapipe_models import FaceMesh
from services.video.engines.puppet.portrait.quiet_stderr import quiet_stderr

MAX_SIDE, MAX_PADDED_SIDE = 1280, 4096
TILES_PER_SIDE = (2, 3, 5, 8)
MIN_TILE = 160
PADDING = 0.4
MAX_FACES = 10
MAX_OVERLAP = 0.25


@dataclass(frozen=True, slots=True)
class View:
    """Part of the picture to search: its pixels, and where they stand in the whole."""

    pixels: Image
    left: float
    top: float
    scale: float


class MediaPipeMesh:
    """Face locator that searches the whole picture first, then with a border, then ever smaller tiles."""

    def __init__(self) -> None:
        with quiet_stderr():
            self._mesh = FaceMesh(
                static_image_mode=True,
                max_num_faces=MAX_FACES,
                refine_landmarks=True,
                min_detection_confidence=0.5,
            )

    def faces(self, image: Image, at_least: int = 1) -> list[Face]:
        """Implements `FaceLocator.faces`."""
        found: list[Face] = []
        for views in _searches(image):
            for face in sorted((each for view in views for each in self._faces_in(view)), key=_width)[::-1]:
                if not any(overlap(face.box, other.box) > MAX_OVERLAP for other in found):
                    found.append(face)
            if len(found) >= at_least:
                break
        return sorted(found, key=_width, reverse=True)

    def close(self) -> None:
        self._mesh.close()

    def _faces_in(self, view: View) -> list[Face]:
        with quiet_stderr():
            found: Any = self._mesh.process(cv2.cvtColor(view.pixels, cv2.COLOR_BGR2RGB))
        return [Face.from_mesh(_mesh_points(item, view)) for item in found.multi_face_landmarks or ()]


def _mesh_points(landmarks: Any, view: View) -> Points:
    height, width = view.pixels.shape[:2]
    unit = np.array([[p.x * width, p.y * height] for p in landmarks.landmark], dtype=np.float32)
    return unit / np.float32(view.scale) + np.array([view.left, view.top], dtype=np.float32)


def _width(face: Face) -> float:
    left, _, right, _ = face.box
    return right - left


def _searches(image: Image) -> Iterator[Iterator[View]]:
    yield iter([_view(image, 0, 0)])
    yield iter([_padded(image)])
    for tiles in TILES_PER_SIDE:
        if max(image.shape[:2]) // tiles >= MIN_TILE:
            yield _tiles(image, tiles)


def _padded(image: Image) -> View:
    """Returns the picture with a border, for faces that fill it to its edges."""
    # A large picture is reduced first: with its border, it would take gigabytes.
    inner = _view(image, 0, 0) if max(image.shape[:2]) > MAX_PADDED_SIDE else View(image, 0, 0, 1.0)
    margin = int(max(inner.pixels.shape[:2]) * PADDING)
    framed = cv2.copyMakeBorder(inner.pixels, margin, margin, margin, margin, cv2.BORDER_CONSTANT)
    view = _view(np.asarray(framed, dtype=np.uint8), 0, 0)
    place = -margin / inner.scale
    return View(view.pixels, place, place, view.scale * inner.scale)


def _tiles(image: Image, per_side: int) -> Iterator[View]:
    """Yields square tiles that overlap by half, so that a face smaller than half a tile is whole in one."""
    height, width = image.shape[:2]
    side = min(max(height, width) // per_side + 1, height, width)
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield _view(image[top : top + side, left : left + side], left, top)


def _starts(length: int, side: int) -> list[int]:
    count = max(1, round((length - side) / (side / 2))) + 1
    return sorted({int(start) for start in np.linspace(0, length - side, count)})


def _view(part: Image, left: int, top: int) -> View:
    """Returns a part scaled to what the detector sees best; small parts are enlarged."""
    longest = max(part.shape[:2])
    scale = MAX_SIDE / longest if longest > MAX_SIDE else max(1.0, min(4.0, 512 / longest))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(part, None, fx=scale, fy=scale, interpolation=method)
    return View(np.asarray(pixels, dtype=np.uint8), left, top, scale)
