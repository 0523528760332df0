"""Measures the cost of a second of video for the puppet, and for the encoding of the same frames alone."""

# PyAV does not type the options of its methods.
# pyright: reportUnknownMemberType=false

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from statistics import median

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.media.meter import Cost, cost_of
from benchmarks.media.sentences import HARVARD
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.speech import speak
from services.video.engines.protocol import Rendering
from services.video.engines.puppet.engine import MAX_PIXELS, MAX_SECONDS, PuppetEngine
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.motion.content_seed import content_seed
from services.video.engines.puppet.motion.performance import plan_performance
from services.video.engines.puppet.rig.setup import RigSetup
from tests.examples import PORTRAIT

SIZES = ((512, 512), (1280, 720), (1920, 1080))
ROUNDS = 3
SENTENCES = 5
FPS = 25
ENCODER = {"preset": "veryfast", "crf": "20"}
ENCODER_THREADS = 3
"""The settings of the puppet's encoder: the floor must not differ from it by its settings."""
HEAD = ("size", "wall, s", "floor's wall, s", "ratio", "CPU, s", "floor's CPU, s", "ratio")
NOTE = (
    "For each second of video, from the portrait and the speech to the silent MP4, face analysis included. "
    "The floor encodes the same frames, drawn before and held in memory, with the same x264 settings. "
    f"Medians of {ROUNDS} rounds in which the two take turns."
)
Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pair:
    """Costs of a second of video: of the puppet, and of the encoding alone."""

    ours: Cost
    floor: Cost


def measure(bench: Workbench) -> str:
    """Returns the table of sizes with its note."""
    spoken = speak(" ".join(HARVARD[:SENTENCES]), "en-us")
    request = Rendering(
        portrait=PORTRAIT,
        output=bench.new_file(".mp4"),
        speech=spoken.write(bench.new_file(".wav")),
        timeline=spoken.timeline,
        fps=FPS,
    )
    engine, setup = PuppetEngine(), RigSetup(MAX_PIXELS)
    engine.open()
    try:
        render(engine, of_size(request, SIZES[0]))  # the first run warms it up
        rows = [row(size, measure_rounds(engine, setup, of_size(request, size))) for size in SIZES]
    finally:
        setup.close()
        engine.close()
    return "\n\n".join((markdown(HEAD, rows), NOTE))


def of_size(request: Rendering, size: tuple[int, int]) -> Rendering:
    return replace(request, width=size[0], height=size[1])


def measure_rounds(engine: PuppetEngine, setup: RigSetup, request: Rendering) -> list[Pair]:
    frames = list(drawn_frames(setup, request))
    return [take_turns(engine, request, frames) for _ in range(ROUNDS)]


def take_turns(engine: PuppetEngine, request: Rendering, frames: Sequence[Frame]) -> Pair:
    """Renders the request, and then encodes its frames alone. Prints both costs."""
    size, seconds = (request.width, request.height), len(frames) / FPS
    ours = cost_of(lambda: render(engine, request))
    floor = cost_of(lambda: encode(frames, size, request.output))
    pair = Pair(ours.per(seconds), floor.per(seconds))
    print(f"{size}: wall {pair.ours.wall:.3f} over {pair.floor.wall:.3f} s", end=", ")
    print(f"CPU {pair.ours.cpu:.3f} over {pair.floor.cpu:.3f} s", flush=True)
    return pair


def render(engine: PuppetEngine, request: Rendering) -> None:
    for _ in engine.render(request):
        pass


def drawn_frames(setup: RigSetup, request: Rendering) -> Iterator[Frame]:
    """Yields the frames that the engine gives to its encoder.

    Frames decoded from its video would be easier to encode.
    """
    seeded = replace(request, seed=content_seed(request))
    performance, rig = plan_performance(seeded, MAX_SECONDS), setup.build_rig(request)
    frame = Planes(rig.still.y.copy(), rig.still.u.copy(), rig.still.v.copy())
    for number in range(performance.frames):
        lips, eyes = performance.lips_at(number), performance.eyes_at(number)
        rig.draw(frame, lips, eyes, performance.head_at(number))
        yield np.concatenate([frame.y, *(plane.reshape(-1, request.width) for plane in frame.halved)])


def encode(frames: Sequence[Frame], size: tuple[int, int], output: Path) -> None:
    """Encodes frames in I420, each of shape (height * 3 / 2, width)."""
    with av.open(str(output), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS), options=ENCODER)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = ENCODER_THREADS
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def row(size: tuple[int, int], pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Returns the row of a size: medians over the rounds."""
    ours = median(pair.ours.wall for pair in pairs), median(pair.ours.cpu for pair in pairs)
    floor = median(pair.floor.wall for pair in pairs), median(pair.floor.cpu for pair in pairs)
    ratios = (
        median(pair.ours.wall / pair.floor.wall for pair in pairs),
        median(pair.ours.cpu / pair.floor.cpu for pair in pairs),
    )
    cells = [
        (f"{mine:.3f}", f"{its:.3f}", f"{ratio:.2f}")
        for mine, its, ratio in zip(ours, floor, ratios, strict=True)
    ]
    return (f"{size[0]}×{size[1]}", *cells[0], *cells[1])
