"""Easing functions: smooth transitions between values."""

import numpy as np

from services.video.engines.puppet.geometry.types import Array


def eased(x: Array) -> Array:
    """Returns the smooth step of `x`: 0 below 0, 1 above 1, and level at both."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def through(v: Array, knots: list[Array], values: list[Array], straight: tuple[int, ...] = ()) -> Array:
    """Returns a curve down each column through `values` at `knots`.

    It is level before the first knot and after the last. Segments named in `straight` are linear; the others
    ease in and out, so that skin has no creases.
    """
    total = np.broadcast_to(values[0], (len(v), len(values[0]))).astype(np.float32)
    for index in range(len(knots) - 1):
        length = np.maximum(knots[index + 1] - knots[index], 0.01)
        share = np.clip((v - knots[index]) / length, 0, 1)
        share = share if index in straight else eased(share)
        total = total + share * (values[index + 1] - values[index])
    return total
