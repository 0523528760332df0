"""The colours of the inside of the mouth, taken from the portrait's own light."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.face import Face, Points
from services.video.engines.puppet.locator import Image

Colour = npt.NDArray[np.floating[Any]]
_LUMA = np.array([0.114, 0.587, 0.299], dtype=np.float32)
_IVORY = np.array([0.82, 0.92, 1.0], dtype=np.float32)
_FLESH = np.array([0.62, 0.6, 1.0], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Complexion:
    """BGR, 0 to 255, each (3,)."""

    teeth: Colour
    tongue: Colour
    cavity: Colour


def complexion_of(image: Image, face: Face) -> Complexion:
    """A grey portrait gets a grey mouth; a dark one gets a dark one."""
    lips = _median_in(image, np.concatenate([face.contour("outer_upper"), face.contour("outer_lower")[::-1]]))
    skin = _median_in(image, face.contour("oval"))
    colourful = float(np.clip((np.ptp(lips) + np.ptp(skin)) / 40, 0, 1))
    light = max(1.0, float(skin @ _LUMA))
    return Complexion(
        teeth=(0.6 * _muted(_IVORY, colourful) + 0.4 * skin / light)
        * min(245.0, 0.55 * light + 0.52 * _white_of(image)),
        tongue=0.5 * lips + 0.55 * light * _muted(_FLESH, colourful),
        cavity=0.19 * lips + 0.07 * light * _muted(_FLESH, colourful),
    )


def _white_of(image: Image) -> float:
    """How bright the bright parts are: tells a dark photo from dark skin."""
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
