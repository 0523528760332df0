"""Draws contact sheets of the puppet: `make gallery`, or `python -m benchmarks.media.gallery out/gallery`.

There is one sheet for each face: at rest, in the sounds that matter, in a blink, and in each emotion. A
person must look at them: no figure tells a melted face from a good one.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from services.chassis.engine_api.timeline import Emotion
from services.video.engines.protocol import FaceLandmarks, Inspection, Rendering
from services.video.engines.puppet.eyes.pose import EYES_AT_REST, EyesPose
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.head.pose import HeadPose
from services.video.engines.puppet.motion.expression import EXPRESSIONS
from services.video.engines.puppet.mouth.lip_pose import REST, LipPose
from services.video.engines.puppet.mouth.phonetics import viseme_of
from services.video.engines.puppet.rig.portrait_rig import PortraitRig
from services.video.engines.puppet.rig.setup import RigSetup
from tests.examples import CAT_LANDMARKS, EXAMPLES

MAX_PIXELS = 50_000_000
STILL_HEAD = HeadPose(0, 0, 0, 0, 0)
FACE_HEIGHT, MARGIN, COLUMNS = 300, 0.12, 6
"""Pixels of a face from forehead to chin; the margin around it in face heights; cells in a row."""
SOUNDS = {
    "m": "m",
    "a": "a",
    "u": "u",
    "f": "f",
    "i": "i",
    "o": "o",
    "e": "ɛ",
    "s": "s",
    "l": "l",
    "w": "w",
    "sh": "ʃ",
}
FACES: dict[str, tuple[str, FaceLandmarks | None]] = {
    "portrait": ("portrait.jpg", None),
    "cat": ("cat.png", CAT_LANDMARKS),
    "smiling": ("faces/smiling.jpg", None),
    "three-quarter": ("faces/three-quarter.jpg", None),
    "drawing": ("faces/drawing.png", None),
}


@dataclass(frozen=True, slots=True)
class Look:
    """A pose of lips, eyes and head, with the name that the sheet shows."""

    name: str
    lips: LipPose = REST
    eyes: EyesPose = EYES_AT_REST
    head: HeadPose = STILL_HEAD


def looks() -> Iterator[Look]:
    """Yields all looks in the order of the sheet."""
    yield Look("rest")
    for name, ipa in SOUNDS.items():
        yield Look(f"/{name}/", viseme_of(ipa).pose)
    yield Look("mid-blink", eyes=EyesPose(0.5, 0.5))
    yield Look("blink", eyes=EyesPose(1, 1))
    yield Look("wink", eyes=EyesPose(shut_right=1))
    yield Look("look left", eyes=EyesPose(look_x=-0.9))
    yield Look("look down", eyes=EyesPose(look_y=0.9, shut_left=0.25, shut_right=0.25))
    yield Look("turn and nod", head=HeadPose(4, 2, 0.03, 0, 0))
    for emotion in Emotion:
        yield of_emotion(emotion, LipPose(), "")
        yield of_emotion(emotion, viseme_of("ɛ").pose, " /e/")


def of_emotion(emotion: Emotion, lips: LipPose, spoken: str) -> Look:
    """Returns the look of an emotion, at rest or in a sound."""
    look = EXPRESSIONS[emotion]
    smiling = LipPose(
        lips.open * look.opening,
        lips.jaw * look.opening,
        lips.width,
        lips.round,
        lips.press,
        lips.tuck,
        lips.tongue,
        look.smile,
    )
    eyes = EyesPose(look.shut, look.shut, look.squint, 0, 0, look.brows, look.knit)
    return Look(f"{emotion}{spoken}", smiling, eyes, HeadPose(0, look.nod, look.lean, 0, 0))


def rig_of(setup: RigSetup, path: Path, landmarks: FaceLandmarks | None) -> PortraitRig:
    """Builds the portrait as the engine does for a video, sized so that the face has `FACE_HEIGHT` pixels."""
    portrait, face = setup.find(Inspection(path, landmarks))
    _, top, _, bottom = face.box
    width, height = (round(side * FACE_HEIGHT / (bottom - top) / 2) * 2 for side in portrait.size)
    return setup.build_rig(Rendering(path, Path(), width=width, height=height, landmarks=landmarks))


def cells(rig: PortraitRig) -> Iterator[tuple[str, Image.Image]]:
    """Yields each look's name and picture, cut out around the face."""
    still = rig.still
    width, height = still.size
    left, top, right, bottom = rig.face.box
    margin = MARGIN * (bottom - top)
    box = (
        max(0, round(left - margin)),
        max(0, round(top - margin)),
        min(width, round(right + margin)),
        min(height, round(bottom + margin)),
    )
    for look in looks():
        frame = Planes(still.y.copy(), still.u.copy(), still.v.copy())
        rig.draw(frame, look.lips, look.eyes, look.head)
        flat = np.concatenate([plane.reshape(-1) for plane in (frame.y, frame.u, frame.v)])
        rgb = cv2.cvtColor(flat.reshape(height * 3 // 2, width), cv2.COLOR_YUV2RGB_I420)
        yield look.name, Image.fromarray(rgb).crop(box)


def sheet(named: list[tuple[str, Image.Image]]) -> Image.Image:
    """Returns the named pictures, all of one size, in rows of `COLUMNS`."""
    width, height = named[0][1].size
    rows = -(-len(named) // COLUMNS)
    whole = Image.new("RGB", (width * COLUMNS, height * rows))
    pen = ImageDraw.Draw(whole)
    for number, (name, cell) in enumerate(named):
        place = number % COLUMNS * width, number // COLUMNS * height
        whole.paste(cell, place)
        corner = place[0] + 6, place[1] + 4
        pen.text(corner, name, fill="white", stroke_width=2, stroke_fill="black", font_size=22)
    return whole


def main(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    setup = RigSetup(MAX_PIXELS)
    for name, (file, landmarks) in FACES.items():
        rig = rig_of(setup, EXAMPLES / file, landmarks)
        sheet(list(cells(rig))).save(output / f"{name}.png")
        print(output / f"{name}.png")
    setup.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
