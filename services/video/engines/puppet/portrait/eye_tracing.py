"""Traces the outlines of eyes of which only the middle is known, as in animals and drawings."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.geometry.face import Face, contour_slices
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Image, Plane, Points

# Lengths are distances between the eyes.
WINDOW, SURELY_OUTSIDE, PROBABLY_INSIDE, SURELY_INSIDE = 0.5, 0.36, 0.17, 0.05
MIN_HALF_WIDTH, MAX_HALF_WIDTH = 0.09, 0.33
SIDE = 128
ROUNDS = 4
MIN_FILLED = 0.6
WITH_RIM = 1.06


def with_traced_eyes(image: Image, face: Face) -> Face:
    """Returns the face with the outlines of its eyes as they are in the picture.

    An eye that cannot be traced stays as it was.
    """
    middles = [(eye.lid[0] + eye.lid[-1]) / 2 for eye in face.eyes]
    frame = FeatureFrame.between(*middles)
    points, slices = face.points.copy(), contour_slices()
    for side, middle in zip(("left", "right"), middles, strict=True):
        outline = _outline(image, frame, middle)
        if outline is not None:
            points[slices[f"{side}_lid"]], points[slices[f"{side}_underlid"]] = outline
    return replace(face, points=points)


def _outline(image: Image, frame: FeatureFrame, middle: Points) -> tuple[Points, Points] | None:
    """Returns lid and underlid, each (9, 2), or `None` if what is there has not the shape of an eye."""
    centre = frame.uv(middle[None])[0]
    corners = centre + np.array([(-WINDOW, -WINDOW), (WINDOW, -WINDOW), (-WINDOW, WINDOW)], np.float32)
    to_window = cv2.getAffineTransform(
        frame.pixels(corners), np.array([(0, 0), (SIDE, 0), (0, SIDE)], dtype=np.float32)
    )
    window = cv2.warpAffine(
        image, to_window, (SIDE, SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    eye = _segmented(np.asarray(window, dtype=np.uint8))
    columns = np.flatnonzero(eye.any(axis=0))
    width, area = len(columns) * 2 * WINDOW / SIDE, int(eye.sum())
    if not (
        2 * MIN_HALF_WIDTH < width < 2 * MAX_HALF_WIDTH and area > MIN_FILLED * len(columns) * _height(eye)
    ):
        return None
    lines = _lids(eye, columns) * (2 * WINDOW / SIDE) - WINDOW
    seen = lines.reshape(-1, 2).mean(axis=0)
    lines = centre + seen + WITH_RIM * (lines - seen)
    return frame.pixels(lines[0]), frame.pixels(lines[1])


def _segmented(window: Plane) -> Plane:
    """Returns a (SIDE, SIDE) mask with one on the eye in the middle of the window."""
    distance = np.hypot(*(np.indices((SIDE, SIDE)) - SIDE / 2)) * (2 * WINDOW / SIDE)
    mask = np.full((SIDE, SIDE), cv2.GC_PR_BGD, dtype=np.uint8)
    mask[distance < PROBABLY_INSIDE] = cv2.GC_PR_FGD
    mask[distance < SURELY_INSIDE] = cv2.GC_FGD
    mask[distance > SURELY_OUTSIDE] = cv2.GC_BGD
    # grabCut draws random numbers: with a seed, the same picture gives the same outline.
    cv2.setRNGSeed(0)
    whole, empty = (0, 0, SIDE, SIDE), np.zeros((1, 65))
    cv2.grabCut(window, mask, whole, empty, empty.copy(), ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    found = cv2.morphologyEx(cv2.morphologyEx(found, cv2.MORPH_CLOSE, round_), cv2.MORPH_OPEN, round_)
    _, parts = cv2.connectedComponents(found)
    return np.asarray(parts == parts[SIDE // 2, SIDE // 2], dtype=np.uint8)


def _height(eye: Plane) -> int:
    return int(eye.any(axis=1).sum())


def _lids(eye: Plane, columns: npt.NDArray[np.intp]) -> Points:
    """Returns the upper and the lower rim from corner to corner, (2, 9, 2), in pixels of the window."""
    tops, bottoms = eye.argmax(axis=0), SIDE - 1 - eye[::-1].argmax(axis=0)
    x = np.linspace(float(columns[0]), float(columns[-1]), 9)
    lines: list[Array] = [np.interp(x, columns, edge[columns]) for edge in (tops, bottoms)]
    upper, lower = lines
    upper[[0, -1]] = lower[[0, -1]] = (upper + lower)[[0, -1]] / 2
    return np.stack([np.stack([x, edge], axis=1) for edge in (upper, lower)]).astype(np.float32)
