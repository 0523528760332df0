"""Mouth as curves over u: where they lie in the portrait, and where a pose takes them.

All lengths are mouth widths in the mouth's `FeatureFrame`: the corners lie at u = -0.5 and 0.5, v = 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.video.engines.puppet.geometry.easing import eased
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.feature_frame import FeatureFrame
from services.video.engines.puppet.geometry.types import Array
from services.video.engines.puppet.mouth.lip_pose import LipPose

MIN_LIP, MIN_CHIN = 0.015, 0.4
SMILE_LIFT, SMILE_SINK, SMILE_WIDENS = 0.1, 0.02, 0.07
RELAXED, UNSMILED = 0.4, 1.6
UPPER_SHARE, MAX_UPPER_FALL = 0.55, 0.12
"""Part of the gap by which the upper lip closes it, and its limit."""
MAX_RIM, RIM_SHARE = 0.025, 0.2
_TABLE_U = np.linspace(-1.5, 1.5, 601, dtype=np.float32)
_TABLE_STEP = np.float32(0.005)
_SMOOTHING = np.exp(-0.5 * (np.arange(-12, 13) / 4.0) ** 2)


@dataclass(frozen=True, slots=True)
class MouthCurves:
    """Curves of a mouth: v of each at the same places; `upper_inner` is never below `lower_inner`."""

    upper_outer: Array
    upper_inner: Array
    lower_inner: Array
    lower_outer: Array
    chin: Array


@dataclass(frozen=True, slots=True)
class RestingMouth:
    """Mouth of the portrait itself: tables over `_TABLE_U`, and how far the face reaches around it.

    `middle` is v of where the lips meet in their middle, `smile` how much the mouth smiles already, 0 to 1.
    """

    curves: MouthCurves
    nose: float
    left_reach: float
    right_reach: float
    aperture: float
    middle: float
    smile: float

    def at(self, u: Array) -> MouthCurves:
        """Interpolates the curves at `u`."""
        place = np.clip((u - _TABLE_U[0]) / _TABLE_STEP, 0, len(_TABLE_U) - 1.001)
        before = place.astype(np.intp)
        share = place - before
        tables = (
            self.curves.upper_outer,
            self.curves.upper_inner,
            self.curves.lower_inner,
            self.curves.lower_outer,
            self.curves.chin,
        )
        return MouthCurves(*(table[before] + share * (table[before + 1] - table[before]) for table in tables))


def resting_mouth(face: Face, frame: FeatureFrame) -> RestingMouth:
    """Measures the mouth of a face."""
    oval = frame.uv(face.contour("oval"))
    inner_upper = frame.uv(face.contour("inner_upper"))
    upper, lower = _lip_table(inner_upper), _lip_table(frame.uv(face.contour("inner_lower")))
    upper, lower = np.minimum(upper, (upper + lower) / 2), np.maximum(lower, (upper + lower) / 2)
    curves = MouthCurves(
        np.minimum(_lip_table(frame.uv(face.contour("outer_upper"))), upper - MIN_LIP),
        upper,
        lower,
        np.maximum(_lip_table(frame.uv(face.contour("outer_lower"))), lower + MIN_LIP),
        _chin_table(oval),
    )
    beside = oval[np.abs(oval[:, 1]) < 0.5]
    left, right = (beside[:, 0].min(), beside[:, 0].max()) if len(beside) else (-1.0, 1.0)
    nose = min(float(frame.uv(face.contour("nose_base"))[0, 1]), float(curves.upper_outer.min()) - 0.08)
    aperture = float(np.clip((inner_upper[-1, 0] - inner_upper[0, 0]) / 2, 0.38, 0.49))
    reaches = float(np.clip(-left, 0.75, 1.25)), float(np.clip(right, 0.75, 1.25))
    middle = float(_closed_line(curves)[len(_TABLE_U) // 2])
    return RestingMouth(curves, nose, *reaches, aperture, middle, float(np.clip(middle / SMILE_LIFT, 0, 1)))


def posed_mouth(mouth: RestingMouth, rest: MouthCurves, pose: LipPose, u: Array) -> MouthCurves:
    """Returns the curves in a pose; `rest` are those of the resting mouth at `u`."""
    closed = _closed_line(rest)
    closed = closed + _corner_fall(mouth, pose, u, closed)
    opening = pose.open * _opening_profile(u, mouth, pose)
    sag = 0.22 * pose.jaw * _corner_profile(u, mouth)
    lift = 0.24 + 0.25 * pose.tuck
    upper_inner = closed + sag - lift * opening
    lower_inner = np.maximum(closed + sag + (1 - lift) * opening, upper_inner)
    near = np.clip(1 - (u / 0.5) ** 2, 0, 1)
    pout = 0.05 * pose.round * near
    upper_thick, lower_thick = rest.upper_inner - rest.upper_outer, rest.lower_outer - rest.lower_inner
    return MouthCurves(
        upper_inner - upper_thick * (1 - 0.22 * pose.press * near) - pout + 0.12 * lift * opening,
        upper_inner,
        lower_inner,
        lower_inner + lower_thick * (1 - (0.2 * pose.press + 0.3 * pose.tuck) * near) + pout,
        rest.chin + pose.jaw * jaw_profile(u, mouth),
    )


def _closed_line(curves: MouthCurves) -> Array:
    """Returns where the lips meet: a mouth that is open in the portrait is shut mostly from below.

    The upper lip comes down by no more than it can, however far the jaw has fallen.
    """
    fall = UPPER_SHARE * (curves.lower_inner - curves.upper_inner)
    return curves.upper_inner + fall / np.cbrt(1 + (fall / MAX_UPPER_FALL) ** 3)


def _corner_fall(mouth: RestingMouth, pose: LipPose, u: Array, closed: Array) -> Array:
    """Returns how far the line of the lips falls; a smile lifts its corners, and the cheeks beside them less.

    Lips that smile in the portrait have less way up, and first lose that smile on their way down; they lose
    some of it for a rounded sound.
    """
    smile = pose.smile * (1 - 0.6 * mouth.smile) if pose.smile > 0 else pose.smile
    lost = mouth.smile * max(RELAXED * pose.round, min(1.0, -UNSMILED * pose.smile))
    beside = eased((np.abs(u) - 0.5) / 0.45)
    across = np.clip(np.abs(u) / 0.5, 0, 1)
    profile = across**3 * (4 - 3 * across) * (1 - beside)
    sink = np.clip(1 - (u / 0.5) ** 2, 0, 1)
    flattened = lost * np.clip(mouth.middle - closed, 0, None) * (1 - beside)
    return flattened - smile * (SMILE_LIFT * profile - SMILE_SINK * sink)


def rolled_in(pose: LipPose) -> tuple[float, float]:
    """Returns which share of the red of the upper and of the lower lip is turned inwards, out of sight."""
    return 0.3 * pose.press, 0.25 * pose.press + 0.45 * pose.tuck


def rim_of(mouth: MouthCurves) -> Array:
    """Returns how far from their inner edges the red of lips begins that are open in the portrait.

    The pixels at the edge itself show some of what is behind it.
    """
    return np.minimum(MAX_RIM, RIM_SHARE * (mouth.lower_inner - mouth.upper_inner))


def half_width(pose: LipPose) -> float:
    """Returns how far the corners are from the middle."""
    return 0.5 * (1 + pose.width + SMILE_WIDENS * max(0.0, pose.smile))


def unwidened(u: Array, mouth: RestingMouth, pose: LipPose) -> Array:
    """Returns the resting u of what a mouth of the pose's width shows at `u` on the line of the lips."""
    start = half_width(pose)
    width = 2 * start - 1
    reach = np.where(u < 0, mouth.left_reach, mouth.right_reach)
    fade = 1 - eased((np.abs(u) - start) / (0.85 * reach - start))
    return u - u * fade * (width / (1 + width))


def jaw_profile(u: Array, mouth: RestingMouth) -> Array:
    """Returns how much of the jaw's fall is seen at `u`: one at the chin, zero at the edge of the face."""
    reach = np.where(u < 0, mouth.left_reach, mouth.right_reach)
    return np.cos(np.pi / 2 * np.clip(u / reach, -1, 1)) ** 2


def _opening_profile(u: Array, mouth: RestingMouth, pose: LipPose) -> Array:
    """Returns the opening at `u` as a part of the widest.

    A slit is widest in its middle only; the lower the jaw, the fuller the opening.
    """
    half_width = mouth.aperture * (1 - 0.22 * pose.round - 0.35 * pose.jaw)
    return np.clip(1 - (u / half_width) ** 2, 0, 1) ** float(np.clip(1.35 - 3 * pose.jaw, 0.8, 1.35))


def _corner_profile(u: Array, mouth: RestingMouth) -> Array:
    """Returns how much of the jaw's fall the lips follow at `u`.

    The corners sink a little with the jaw; the middle of the upper lip does not.
    """
    return np.clip(np.abs(u) / 0.5, 0, 1) ** 2 * np.minimum(1, 1.8 * jaw_profile(u, mouth))


def _lip_table(lip: Array) -> Array:
    u = np.concatenate([[-1.5, -0.5], np.clip(lip[:, 0], -0.499, 0.499), [0.5, 1.5]])
    v = np.concatenate([[0.0, 0.0], lip[:, 1], [0.0, 0.0]])
    return _smoothed(np.interp(_TABLE_U, np.maximum.accumulate(u), v))


def _chin_table(oval: Array) -> Array:
    """Returns v of the chin, at least `MIN_CHIN` below the mouth wherever landmarks have put the chin."""
    jaw = oval[oval[:, 1] > 0.15]
    jaw = jaw[np.argsort(jaw[:, 0])] if len(jaw) else np.array([(0.0, MIN_CHIN)])
    return np.maximum(_smoothed(np.interp(_TABLE_U, jaw[:, 0], jaw[:, 1])), MIN_CHIN)


def _smoothed(table: npt.NDArray[np.float64]) -> Array:
    padded = np.pad(table, len(_SMOOTHING) // 2, mode="edge")
    return np.convolve(padded, _SMOOTHING / _SMOOTHING.sum(), mode="valid").astype(np.float32)
