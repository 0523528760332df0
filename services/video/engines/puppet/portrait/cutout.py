"""Cuts a person out of the picture, so that something else can be seen behind."""

import cv2
import numpy as np

from services.video.engines.puppet.geometry.types import Image, Plane, SoftMask

MAX_FILTER_SIDE = 640
WINDOW_SHARE, MIN_CONTRAST = 0.012, 1e-3
SURELY_OUT, SURELY_IN = 0.15, 0.85
MIN_OWN_OPACITY = 0.95


def opacity_of(person: SoftMask, image: Image) -> Plane:
    """Returns the person's opacity, (height, width): the likelihood with its edges moved to the picture's."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.float32) / np.float32(255)
    refined = _guided(person, grey)
    certain = np.clip((refined - SURELY_OUT) / (SURELY_IN - SURELY_OUT), 0, 1)
    return np.asarray(certain * 255 + 0.5, dtype=np.uint8)


def in_own_colours(image: Image, opacity: Plane) -> Image:
    """Returns the image without a fringe of background colours.

    Where the background shines through, the colours are the person's own from near by.
    """
    own = (opacity >= MIN_OWN_OPACITY * 255).astype(np.float32)
    grown = image.astype(np.float32)
    total, weight = np.zeros_like(grown), np.full(own.shape, 1e-6, dtype=np.float32)
    for sigma, trust in ((2.0, 1.0), (8.0, 1e-2), (40.0, 1e-4)):
        total += trust * cv2.GaussianBlur(grown * own[:, :, None], (0, 0), sigma)
        weight += trust * cv2.GaussianBlur(own, (0, 0), sigma)
    near = total / weight[:, :, None]
    return np.asarray(np.where(own[:, :, None] > 0, grown, np.clip(near, 0, 255)), dtype=np.uint8)


def _guided(rough: SoftMask, guide: SoftMask) -> SoftMask:
    """Applies a guided filter (He, Sun and Tang, 2010), computed at a small size and applied at full size."""
    height, width = guide.shape
    shrink = min(1.0, MAX_FILTER_SIDE / max(height, width))
    small = max(1, round(width * shrink)), max(1, round(height * shrink))
    p, i = (cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (rough, guide))
    radius = max(1, round(WINDOW_SHARE * max(small)))
    window = (2 * radius + 1, 2 * radius + 1)
    mean_p, mean_i = cv2.blur(p, window), cv2.blur(i, window)
    slope = (cv2.blur(i * p, window) - mean_i * mean_p) / (
        cv2.blur(i * i, window) - mean_i * mean_i + MIN_CONTRAST
    )
    offset = mean_p - slope * mean_i
    slope, offset = (
        cv2.resize(cv2.blur(each, window), (width, height), interpolation=cv2.INTER_LINEAR)
        for each in (slope, offset)
    )
    return np.asarray(slope * guide + offset, dtype=np.float32)
