"""Draws the mouth region of the portrait in any lip pose."""

from dataclasses import replace

import cv2
import numpy as np

from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.resampling import resampled
from services.video.engines.puppet.geometry.types import Array, Image, Mask, Region
from services.video.engines.puppet.mouth.cavity import Cavity
from services.video.engines.puppet.mouth.complexion import complexion_of
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.mouth.own_teeth import find_own_teeth
from services.video.engines.puppet.mouth.shape import RestingMouth, half_width, resting_mouth
from services.video.engines.puppet.mouth.warp import MouthMaps, MouthWarp

WET_EDGE, EDGE_REACH = 0.02, 2.2
SHADE = np.array([1.3, 1.2, 0.75], dtype=np.float32)
"""How much darker blue, green and red get in a fold of flesh: the light in it is red."""
INCISOR, INCISORS = 0.125, (0.085, 0.14)
"""Width of an upper incisor in distances of the eyes, and its limits in mouth widths."""


class Mouth:
    """Mouth of one portrait; `region` is where the result of `drawn` belongs in the portrait."""

    def __init__(self, portrait: Image, face: Face, *, smooth: bool = True) -> None:
        """Prepares the mouth.

        `smooth` samples the portrait sharply; it is worth its time where pixels are not enlarged.
        """
        self._portrait, self._smooth = portrait, smooth
        self._frame = FeatureFrame.between(*face.mouth_corners)
        mouth = resting_mouth(face, self._frame)
        height, width = portrait.shape[:2]
        self._warp = MouthWarp(mouth, self._frame, (width, height))
        self.region = self._warp.region
        self._cavity = _cavity(portrait, face, mouth, self._frame, self.region)
        self._feather = float(np.clip(self._frame.unit / 60, 1.0, 4.0))
        self._edge = WET_EDGE * self._frame.unit

    def drawn(self, pose: LipPose) -> Image:
        """Returns the region in a pose, (region height, region width, 3) BGR."""
        maps = self._warp.maps(pose, margin=self._feather + EDGE_REACH * self._edge)
        upper = resampled(self._portrait, *maps.upper, smooth=self._smooth)
        lower = resampled(self._portrait, *maps.lower, smooth=self._smooth)
        over = np.clip(0.5 + maps.above / self._feather, 0, 1)
        under = np.clip(0.5 + maps.below / self._feather, 0, 1)
        start, rows = maps.band.start, maps.band.stop - maps.band.start
        lips = cv2.blendLinear(upper[start:], lower[:rows], over + np.float32(1e-6), under)
        lips = np.asarray(lips, dtype=np.uint8)
        self._darken_edges(lips, maps, pose)
        self._fill_opening(lips, 1 - over - under, maps, pose)
        return np.concatenate([upper[:start], lips, lower[rows:]])

    def _darken_edges(self, lips: Image, maps: MouthMaps, pose: LipPose) -> None:
        """Darkens the edges of lips that part or press on each other.

        There they turn away from the light, the upper lip more.
        """
        parted = min(1.0, pose.open / 0.05)
        end = half_width(pose) + 0.02
        window = _bounds(np.abs(maps.along) < end)
        if window is None or max(parted, pose.press) < 0.05:
            return
        above, below = window.of(maps.above), window.of(maps.below)
        fade = np.clip((end - np.abs(window.of(maps.along))) / 0.12, 0, 1)
        strength = np.where(above > below, 0.4, 0.15) * parted + 0.3 * pose.press
        dark = strength * fade * np.exp(-((np.maximum(above, below) / self._edge) ** 2))
        part = window.of(lips)
        part[:] = part * (1 - dark[:, :, None] * SHADE) + 0.5

    def _fill_opening(self, lips: Image, opening: Array, maps: MouthMaps, pose: LipPose) -> None:
        window = _bounds(opening > 1 / 255)
        if window is None:
            return
        place = replace(window, top=window.top + maps.band.start)
        inside = self._cavity.painted(place, pose, window.of(maps.above), window.of(maps.below))
        part = window.of(lips)
        part[:] = part + window.of(opening)[:, :, None] * (inside - part) + 0.5


def _cavity(portrait: Image, face: Face, mouth: RestingMouth, frame: FeatureFrame, region: Region) -> Cavity:
    """Returns the inside of the mouth, with the teeth that the portrait shows."""
    colours = complexion_of(portrait, face)
    own = None if face.fitted else find_own_teeth(portrait, mouth, frame, region)
    if own is not None:
        colours = replace(colours, teeth=own.colour)
    left, right = ((eye.lid[0] + eye.lid[-1]) / 2 for eye in face.eyes)
    incisor = INCISOR * float(np.hypot(*(right - left))) / frame.unit
    return Cavity(mouth, frame, region, colours, float(np.clip(incisor, *INCISORS)), own)


def _bounds(mask: Mask) -> Region | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    return Region(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)
