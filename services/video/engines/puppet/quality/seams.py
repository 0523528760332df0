"""Measures whether the edge of what is drawn on the portrait can be seen."""

import numpy as np

from services.video.engines.puppet.geometry.types import Array, Plane, Region


def edge_steps(luma: Plane, region: Region) -> list[Array]:
    """Returns the steps from the pixels outside of each edge to those inside; none at the picture's edges."""
    height, width = luma.shape
    rows, columns = region.of(luma).shape
    top, left = region.top, region.left
    bottom, right = top + rows, left + columns
    steps: list[Array] = []
    if top > 0:
        steps.append(_step(luma[top - 1, left:right], luma[top, left:right]))
    if bottom < height:
        steps.append(_step(luma[bottom, left:right], luma[bottom - 1, left:right]))
    if left > 0:
        steps.append(_step(luma[top:bottom, left - 1], luma[top:bottom, left]))
    if right < width:
        steps.append(_step(luma[top:bottom, right], luma[top:bottom, right - 1]))
    return steps


def seam_energy(before: list[Array], after: list[Array]) -> float:
    """Returns how much the steps over the worst edge have changed on average, in levels of brightness."""
    return max((float(np.abs(b - a).mean()) for a, b in zip(before, after, strict=True)), default=0.0)


def _step(outside: Plane, inside: Plane) -> Array:
    return inside.astype(np.float32) - outside
