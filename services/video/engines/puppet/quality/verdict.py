"""Turns the measurements of a video into quality checks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from services.chassis.engine_api.quality import QualityCheck, failed, judge
from services.chassis.engine_api.timeline import SpeechTimeline
from services.video.engines.puppet.geometry.types import Array, Plane
from services.video.engines.puppet.quality.lip_sync import lip_sync

MAX_STILL_SECONDS = 2.0
MIN_BRIGHTNESS, MIN_SHARPNESS = 0.4, 0.4
"""Parts of the portrait's own brightness, and of its own sharpness."""
MAX_SEAM = 2.0
MIN_IDENTITY = 26.0
"""PSNR of the skin against the portrait, in dB."""
MAX_OFFSET_MS = 60.0
MIN_CORRELATION = 0.3
MOUTH_OFFSET = "mouth_offset"


@dataclass(slots=True)
class Observations:
    """Measurements of a video.

    `mouth` has a row of brightnesses for each frame, `still` a coarse picture of the face. The rest is
    measured now and then: levels over the edges of what is drawn, mean square errors of the skin against the
    portrait, brightness and sharpness as parts of the portrait's.
    """

    mouth: list[Array] = field(default_factory=list[Array])
    still: list[Plane] = field(default_factory=list[Plane])
    seams: list[float] = field(default_factory=list[float])
    skin_errors: list[float] = field(default_factory=list[float])
    brightness: list[float] = field(default_factory=list[float])
    sharpness: list[float] = field(default_factory=list[float])


def quality_checks(
    observations: Observations, fps: float, timeline: SpeechTimeline | None
) -> tuple[QualityCheck, ...]:
    """Returns the checks of a video."""
    return (*_picture_checks(observations, fps), *_lip_checks(observations, fps, timeline))


def _picture_checks(observations: Observations, fps: float) -> Iterator[QualityCheck]:
    still = longest_still(observations.still) / fps
    text = f"Nothing moves for {still:.1f} s."
    yield judge("frozen", still, "s", upper=MAX_STILL_SECONDS, seen=text)
    dark = min(observations.brightness)
    text = f"A frame has {dark:.0%} of the portrait's brightness."
    yield judge("black", dark, lower=MIN_BRIGHTNESS, seen=text)
    if observations.sharpness:
        sharp = float(np.median(observations.sharpness))
        text = f"The face has {sharp:.0%} of the portrait's sharpness."
        yield judge("blurred", sharp, lower=MIN_SHARPNESS, seen=text)
    seam = float(np.median(observations.seams))
    text = f"The edge of what is drawn shows, by {seam:.1f} levels of brightness."
    yield judge("seam", seam, "levels", upper=MAX_SEAM, seen=text)
    if observations.skin_errors:
        like = peak_ratio(float(np.mean(observations.skin_errors)))
        text = f"Beside mouth and eyes the face differs from the portrait: {like:.0f} dB."
        yield judge("identity", like, "dB", lower=MIN_IDENTITY, seen=text)


def _lip_checks(
    observations: Observations, fps: float, timeline: SpeechTimeline | None
) -> Iterator[QualityCheck]:
    """Yields the checks of the lips; the offset only where the mouth moves as the sounds do at all."""
    found = lip_sync(np.array(observations.mouth), fps, timeline) if timeline is not None else None
    if found is None:
        return
    fits, late = found.correlation, 1000 * found.seconds
    text = f"The mouth hardly moves with the sounds: correlation {fits:.2f}."
    yield judge("mouth_correlation", fits, lower=MIN_CORRELATION, seen=text)
    if fits >= MIN_CORRELATION:
        text = f"The mouth is {abs(late):.0f} ms {'late' if late > 0 else 'early'}."
        yield judge(MOUTH_OFFSET, late, "ms", lower=-MAX_OFFSET_MS, upper=MAX_OFFSET_MS, seen=text)


def longest_still(pictures: list[Plane]) -> int:
    """Returns how many frames in a row are the same as the one before, at most."""
    longest = current = 0
    for before, after in pairwise(pictures):
        current = current + 1 if np.array_equal(before, after) else 0
        longest = max(longest, current)
    return longest


def peak_ratio(mean_square_error: float) -> float:
    """Returns the PSNR in dB; 99 for no error at all."""
    return min(99.0, float(10 * np.log10(255**2 / max(mean_square_error, 1e-9))))


def lateness(checks: tuple[QualityCheck, ...], fps: float) -> int:
    """Returns by how many frames the mouth is late (early below zero); 0 if its offset is within bounds."""
    late = [check.value for check in failed(checks) if check.name == MOUTH_OFFSET]
    return round(late[0] / 1000 * fps) if late else 0
