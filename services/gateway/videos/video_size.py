"""Computes the size of a video from its portrait, in even pixels. Pure."""

MAX_SIDE = 1280
MIN_SIDE = 128


def portrait_size(width: int, height: int) -> tuple[int, int]:
    """Returns the portrait's own size, scaled so that its longer side is at most `MAX_SIDE` and both sides at
    least `MIN_SIDE` and even."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    return even(width * scale), even(height * scale)


def even(side: float) -> int:
    return max(MIN_SIDE, 2 * round(side / 2))
