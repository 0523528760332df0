"""What a second of video costs the puppet, beside the encoding of the same frames alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.media.meter import Cost, cost_of
from benchmarks.media.sentences import HARVARD
from benchmarks.media.workbench import PORTRAIT, Workbench
from benchmarks.page import markdown
from benchmarks.speech import Spoken, speak
from services.video.engines.protocol import RenderedVideo, Rendering
from services.video.engines.puppet.engine import PuppetEngine

SIZES = ((512, 512), (1280, 720), (1920, 1080))
ROUNDS = 3
SENTENCES = 5
FPS = 25
ENCODER = {"preset": "veryfast", "crf": "20"}
ENCODER_THREADS = 3
"""As the puppet encodes: the floor must not differ by its settings."""
HEAD = ("size", "wall, s", "floor's wall, s", "ratio", "CPU, s", "floor's CPU, s", "ratio")
NOTE = (
    "For each second of video, from the portrait and the speech to the silent MP4, face analysis included. "
    "The floor encodes the same frames, decoded from that MP4 and held in memory, with the same x264 "
    f"settings. Medians of {ROUNDS} rounds in which the two take turns."
)
Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pair:
    """Costs of a second of video."""

    ours: Cost
    floor: Cost


def measure(bench: Workbench) -> str:
    spoken = speak(" ".join(HARVARD[:SENTENCES]), "en-us")
    speech = spoken.write(bench.new_file(".wav"))
    engine = PuppetEngine()
    engine.open()
    try:
        render(engine, speech, spoken, SIZES[0], bench.new_file(".mp4"))  # the first run warms it up
        rows = [
            row(size, [take_turns(engine, bench, speech, spoken, size) for _ in range(ROUNDS)])
            for size in SIZES
        ]
    finally:
        engine.close()
    return "\n\n".join((markdown(HEAD, rows), NOTE))


def take_turns(
    engine: PuppetEngine, bench: Workbench, speech: Path, spoken: Spoken, size: tuple[int, int]
) -> Pair:
    output, again = bench.new_file(".mp4"), bench.new_file(".mp4")
    ours = cost_of(lambda: render(engine, speech, spoken, size, output))
    frames = read_frames(output)
    floor = cost_of(lambda: encode(frames, size, again))
    seconds = len(frames) / FPS
    pair = Pair(ours.per(seconds), floor.per(seconds))
    print(f"{size}: wall {pair.ours.wall:.3f} over {pair.floor.wall:.3f} s", end=", ")
    print(f"CPU {pair.ours.cpu:.3f} over {pair.floor.cpu:.3f} s", flush=True)
    return pair


def render(
    engine: PuppetEngine, speech: Path, spoken: Spoken, size: tuple[int, int], output: Path
) -> RenderedVideo:
    width, height = size
    request = Rendering(
        portrait=PORTRAIT,
        output=output,
        speech=speech,
        timeline=spoken.timeline,
        width=width,
        height=height,
        fps=FPS,
    )
    *_, rendered = engine.render(request)
    assert isinstance(rendered, RenderedVideo)
    return rendered


def read_frames(path: Path) -> list[Frame]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]


def encode(frames: Sequence[Frame], size: tuple[int, int], output: Path) -> None:
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
