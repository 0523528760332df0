"""Chooses the picture that stands for a video."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
from PIL import Image, ImageStat

CANDIDATES = 60
DARK = 24.0


def write_thumbnail(video: Path, target: Path, seconds: float) -> None:
    """Write the first frame from `seconds` on that is not black as JPEG, or the brightest of those tried."""
    best, best_brightness = None, -1.0
    for image in islice(_frames_from(video, seconds), CANDIDATES):
        brightness = ImageStat.Stat(image.convert("L")).mean[0]
        if brightness > best_brightness:
            best, best_brightness = image, brightness
        if brightness > DARK:
            break
    assert best is not None
    best.save(target, "JPEG", quality=90, optimize=True)


def _frames_from(video: Path, seconds: float) -> Iterator[Image.Image]:
    """The frames from `seconds` on, or the last one if there are none so late."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        container.seek(int(seconds * av.time_base))
        latest, yielded = None, False
        for frame in container.decode(stream):
            latest = frame
            if frame.time is not None and frame.time >= seconds - 1e-3:
                yielded = True
                yield frame.to_image()
        if latest is not None and not yielded:
            yield latest.to_image()
