"""Derives the colours of the inside of the mouth from the portrait's own light."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array, Image, Points

Colour = Array
"""BGR, (3,)."""
_LUMA = np.array([0.114, 0.587, 0.299], dtype=np.float32)
_IVORY = np.array([0.86, 0.94, 1.0], dtype=np.float32)
_FLESH = np.array([0.43, 0.44, 1.0], dtype=np.float32)
_DEPTH = np.array([0.72, 0.74, 0.95], dtype=np.float32)
MAX_BRIGHTNESS = 230.0
MAX_SIDE_LIGHT = 0.6
"""Limit of `from_right`.

A row of teeth is then a fifth brighter at its lit end than in its middle; more looks like paint.
"""


@dataclass(frozen=True, slots=True)
class Complexion:
    """Colours of the mouth in BGR, 0 to 255, each (3,); no `teeth` in a face that need not be human.

    `from_right` is by how much of its brightness a place is lighter a mouth width further right.
    """

    teeth: Colour | None
    tongue: Colour
    cavity: Colour
    from_right: float


def complexion_of(image: Image, face: Face) -> Complexion:
    """Returns the colours for a portrait: a grey one gets a grey mouth, a dark one a dark mouth."""
    skin = _median_in(image, face.contour("oval"))
    light = max(1.0, float(skin @ _LUMA))
    lips = _median_in(image, np.concatenate([face.contour("outer_upper"), face.contour("outer_lower")[::-1]]))
    colourful = float(np.clip((np.ptp(lips) + np.ptp(skin)) / 40, 0, 1))
    flesh = light * _muted(_FLESH, colourful)
    if face.fitted:
        # An animal or a drawing may have fur or ink where a person has lips.
        lips = 0.8 * flesh
    white = 0.55 * light + 0.52 * _white_of(image)
    ivory = 0.65 * _muted(_IVORY, colourful) + 0.35 * skin / light
    return Complexion(
        teeth=None if face.fitted else ivory * min(MAX_BRIGHTNESS / float(ivory.max()), white),
        tongue=np.minimum(0.35 * lips + 0.8 * flesh, MAX_BRIGHTNESS),
        cavity=(0.1 * lips + 0.42 * flesh) * _muted(_DEPTH, colourful),
        from_right=_light_from_right(image, face),
    )


def _light_from_right(image: Image, face: Face) -> float:
    """Returns `from_right`, measured at the chin and the skin below the corners of the mouth.

    Faces have least shape there.
    """
    frame = FeatureFrame.between(*face.mouth_corners)
    left, right = (
        _median_in(image, frame.pixels(np.array([(u - 0.2, 0.1), (u + 0.2, 0.1), (u, 0.5)], np.float32)))
        for u in (-0.4, 0.4)
    )
    left, right = float(left @ _LUMA), float(right @ _LUMA)
    change = (right - left) / 0.8 / max(1.0, (left + right) / 2)
    return float(np.clip(change, -MAX_SIDE_LIGHT, MAX_SIDE_LIGHT))


def _white_of(image: Image) -> float:
    """Returns how bright the bright parts are, which tells a dark photo from dark skin."""
    return float(np.percentile(image[::4, ::4].astype(np.float32) @ _LUMA, 95))


def _median_in(image: Image, outline: Points) -> Colour:
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    inside = image[mask > 0]
    if not len(inside):
        return np.full(3, 128, dtype=np.float32)
    return np.median(inside, axis=0).astype(np.float32)


def _muted(colour: Colour, colourful: float) -> Colour:
    grey = np.full(3, float(colour @ _LUMA), dtype=np.float32)
    return (grey + colourful * (colour - grey)).astype(np.float32)
