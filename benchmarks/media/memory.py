"""Whether memory grows with the length of a video: ten minutes of speech."""

from collections.abc import Iterator
from typing import Any

import psutil

from benchmarks.media.sentences import HARVARD
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from tests.e2e.api import TERMINAL, stage

SECONDS = 600
MEGABYTE = 1024**2
CHARACTERS_PER_SECOND = 17.3
SERVICES = ("tts", "video", "mux")
HEAD = ("service", "at one minute, MiB", "most afterwards, MiB", "at the end, MiB")
NOTE = (
    "Resident memory of each service and the engine in it while one video of {minutes:.1f} minutes is made "
    "at 512×512; the minute is one of the video, by the progress of its stage."
)


def measure(bench: Workbench) -> str:
    script = " ".join(HARVARD[number % len(HARVARD)] for number in range(SECONDS // 2))
    script = script[: round(SECONDS * CHARACTERS_PER_SECOND)]
    bench.api.make(script="Warm up.", image=bench.portrait, size="512x512")
    trees = {name: bench.stack.process(name) for name in SERVICES}
    asked = bench.api.create(script=script, image=bench.portrait, size="512x512")
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVICES}
    for video in followed(bench, asked["id"]):
        for name, tree in trees.items():
            if (current := stage(video, name))["state"] in ("running", "completed"):
                seen[name].append((current["progress"], resident(tree)))
    done = bench.api.get(asked["id"])
    minutes = float(done["seconds"]) / 60
    rows = [row(name, seen[name], 1 / minutes) for name in SERVICES]
    return "\n\n".join((markdown(HEAD, rows), NOTE.format(minutes=minutes)))


def followed(bench: Workbench, video_id: str) -> Iterator[dict[str, Any]]:
    """The video at each of its events, to its end."""
    for _, event in bench.api.events(video_id):
        yield event["video"]
        if event["video"]["status"] in TERMINAL:
            return


def resident(tree: psutil.Process) -> float:
    processes = [tree, *tree.children(recursive=True)]
    return sum(process.memory_info().rss for process in processes) / MEGABYTE


def row(name: str, seen: list[tuple[float, float]], minute: float) -> tuple[str, ...]:
    """`minute` is the part of its progress after which a minute of video is made."""
    first = next(memory for progress, memory in seen if progress >= minute)
    later = [memory for progress, memory in seen if progress >= minute]
    return (name, f"{first:.0f}", f"{max(later):.0f}", f"{later[-1]:.0f}")
