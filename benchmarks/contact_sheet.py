"""Draws a contact sheet of a video: `python -m benchmarks.contact_sheet out/demo.mp4 sheet.jpg`.

It shows evenly spaced frames, and below them the mouth region of consecutive frames.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import av
from PIL import Image

COLUMNS = 6
CELL_WIDTH = 240
MOUTH = (0.36, 0.36, 0.70, 0.62)
"""Left, top, right and bottom of the region shown below, as parts of the example portrait."""
MOUTH_START, MOUTH_STEP = 20, 2
"""The first frame whose mouth is shown, and how many frames further the next is."""


def read_frames(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [frame.to_image() for frame in frames]  # pyright: ignore[reportUnknownMemberType] - untyped options


def cell(picture: Image.Image) -> Image.Image:
    """Returns the picture at the width of a cell."""
    height = round(picture.height * CELL_WIDTH / picture.width)
    return picture.resize((CELL_WIDTH, height), Image.Resampling.LANCZOS)


def mouth(frame: Image.Image) -> Image.Image:
    """Returns the mouth region of a frame."""
    left, top, right, bottom = MOUTH
    return frame.crop(
        (
            int(left * frame.width),
            int(top * frame.height),
            int(right * frame.width),
            int(bottom * frame.height),
        )
    )


def grid(cells: Sequence[Image.Image]) -> Image.Image:
    """Returns the cells, all of one size, in rows of `COLUMNS`."""
    width, height = cells[0].size
    rows = -(-len(cells) // COLUMNS)
    sheet = Image.new("RGB", (width * COLUMNS, height * rows))
    for number, picture in enumerate(cells):
        sheet.paste(picture, (number % COLUMNS * width, number // COLUMNS * height))
    return sheet


def main(video: Path, output: Path) -> None:
    frames = read_frames(video)
    spaced = frames[:: max(1, len(frames) // COLUMNS)][:COLUMNS]
    close = frames[MOUTH_START::MOUTH_STEP][: 2 * COLUMNS]
    parts = [grid([cell(frame) for frame in spaced]), grid([cell(mouth(frame)) for frame in close])]
    sheet = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)))
    sheet.paste(parts[0], (0, 0))
    sheet.paste(parts[1], (0, parts[0].height))
    sheet.save(output, quality=85)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
