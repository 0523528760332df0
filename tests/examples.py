"""The pictures and recordings that the repository ships."""

import json
from pathlib import Path

from services.video.engines.protocol import FaceLandmarks

EXAMPLES = Path(__file__).parents[1] / "examples"
PORTRAIT = EXAMPLES / "portrait.jpg"
READER = EXAMPLES / "reader.wav"
READER_TEXT = (
    "and mister john dashwood had then leisure to consider how much there might be prudently in his power "
    "to do for them"
)
CAT = EXAMPLES / "cat.png"
CAT_POINTS = json.loads((EXAMPLES / "cat.json").read_text())
"""Each as [x, y] in pixels of the picture, by name."""
CAT_LANDMARKS = FaceLandmarks(**{name: (x, y) for name, (x, y) in CAT_POINTS.items()})
