"""Detects glasses, which must not bend when brows move."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Image

PATCH = 96
EDGE_RATIO, MIN_EDGE = 2.5, 14.0


def wears_glasses(portrait: Image, face: Face) -> bool:
    """Returns whether the face wears glasses, by their bridge.

    Across the root of a nose run no edges, but those of a frame.
    """
    left, right = ((eye.lid[0] + eye.lid[-1]) / 2 for eye in face.eyes)
    frame = FeatureFrame.between(left, right)
    root = _edges(portrait, frame, -0.16, 0.12)
    return root > max(MIN_EDGE, EDGE_RATIO * _edges(portrait, frame, 0.2, 0.48))


def _edges(portrait: Image, frame: FeatureFrame, top: float, bottom: float) -> float:
    """Returns the strongest mean edge along a line across the nose between these heights, in grey levels."""
    square = np.array([(-0.1, top), (0.1, top), (-0.1, bottom)], dtype=np.float32)
    corners = np.array([(0, 0), (PATCH // 2, 0), (0, PATCH)], dtype=np.float32)
    cut = cv2.getAffineTransform(frame.pixels(square), corners)
    patch = cv2.cvtColor(cv2.warpAffine(portrait, cut, (PATCH // 2, PATCH)), cv2.COLOR_BGR2GRAY)
    rows = cv2.GaussianBlur(patch, (0, 0), 2).astype(np.float32).mean(axis=1)
    return float(np.abs(rows[6:] - rows[:-6]).max()) + 1.0
