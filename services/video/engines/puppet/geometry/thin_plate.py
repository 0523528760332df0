"""Thin-plate splines: the smoothest warp of the plane that moves given points to given places."""

from collections.abc import Callable

import numpy as np

from services.video.engines.puppet.geometry.types import Array, Points


def thin_plate_warp(source: Points, target: Points) -> Callable[[Points], Points]:
    """Returns a warp of (n, 2) points that takes each row of `source` to that row of `target`.

    The points, at least three and distinct, must not lie on one line: raises `numpy.linalg.LinAlgError`
    otherwise.
    """
    anchors = source.astype(np.float64)
    size = len(anchors)
    system = np.zeros((size + 3, size + 3))
    system[:size, :size] = _kernel(anchors, anchors)
    system[:size, size:] = _affine(anchors)
    system[size:, :size] = _affine(anchors).T
    weights = np.linalg.solve(system, np.vstack([target, np.zeros((3, 2))]))

    def warp(points: Points) -> Points:
        basis = np.hstack([_kernel(points.astype(np.float64), anchors), _affine(points)])
        return (basis @ weights).astype(np.float32)

    return warp


def _kernel(points: Array, anchors: Array) -> Array:
    squared = ((points[:, None] - anchors[None]) ** 2).sum(axis=2)
    return squared * np.log(np.maximum(squared, 1e-12))


def _affine(points: Array) -> Array:
    return np.hstack([np.ones((len(points), 1)), points])
