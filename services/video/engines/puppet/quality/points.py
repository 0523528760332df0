"""Chooses the places on the face that are measured in every frame, in pixels of the picture at rest."""

import cv2
import numpy as np

from services.video.engines.puppet.eyes.warp import REACH_DOWN as EYES_REACH_DOWN
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Plane, Region

_ACROSS = np.linspace(-0.36, 0.36, 5)
_DOWN = np.linspace(-0.2, 0.5, 10)
"""Places in mouth widths from the middle between the corners: both lips and where the lower one falls to."""
_SKIN_SIDE = 24
_ACROSS_NOSE, _NOSE_STEP = np.linspace(-0.09, 0.09, 5), 0.04


def mouth_points(face: Face) -> Array:
    """Returns 50 places on both lips and below, (50, 2)."""
    u, v = np.meshgrid(_ACROSS, _DOWN)
    uv = np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float32)
    return FeatureFrame.between(*face.mouth_corners).pixels(uv)


def skin_points(face: Face, drawn: tuple[Region, ...]) -> Array:
    """Returns places of skin that is not drawn on, (n, 2).

    They are an even grid over the face, but not where something is `drawn`, and places on the nose, which
    stays as it is between eyes and mouth; none on a face that has neither.
    """
    left, top, right, bottom = face.box
    x, y = np.meshgrid(np.linspace(left, right, _SKIN_SIDE), np.linspace(top, bottom, _SKIN_SIDE))
    points = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
    oval = face.contour("oval").astype(np.float32)
    inside = [cv2.pointPolygonTest(oval, (float(px), float(py)), False) >= 0 for px, py in points]
    free = [not any(_holds(region, point) for region in drawn) for point in points]
    return np.concatenate([points[np.array(inside) & np.array(free)], _nose_points(face)])


def _nose_points(face: Face) -> Array:
    """Returns places on the nose, (n, 2): below what eyes and brows move, and above what lips move."""
    left, right = (eye.lid[[0, -1]].mean(axis=0) for eye in face.eyes)
    frame = FeatureFrame.between(left, right)
    across: np.float32
    base: np.float32
    ((across, base),) = frame.uv(face.contour("nose_base"))
    top = float(max(frame.uv(eye.underlid)[:, 1].max() for eye in face.eyes)) + EYES_REACH_DOWN
    u, v = np.meshgrid(across + _ACROSS_NOSE, np.arange(top, base - _NOSE_STEP, _NOSE_STEP))
    return frame.pixels(np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float32))


def brightness_at(luma: Plane, points: Array) -> Array:
    """Returns the brightness at points between the pixels, (n,).

    Points outside of the picture have that of its edge.
    """
    if not len(points):
        return np.empty(0, dtype=np.float32)
    x, y = (np.ascontiguousarray(points[None, :, axis], dtype=np.float32) for axis in (0, 1))
    found = cv2.remap(luma, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], dtype=np.float32)


def _holds(region: Region, point: Array) -> bool:
    x, y = point[0] - region.left, point[1] - region.top
    return bool(0 <= x < region.width and 0 <= y < region.height)
