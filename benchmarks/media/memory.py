"""Measures whether memory grows with the length of a video, by one of ten minutes."""

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
    """Returns the table of services with its note."""
    script = " ".join(HARVARD[number % len(HARVARD)] for number in range(SECONDS // 2))
    script = script[: round(SECONDS * CHARACTERS_PER_SECOND)]
    bench.api.make(script="Warm up.", image=bench.portrait, size="512x512")
    trees = {name: bench.stack.process(name) for name in SERVICES}
    created = bench.api.create(script=script, image=bench.portrait, size="512x512")
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVICES}
    for video in followed(bench, created["id"]):
        for name, tree in trees.items():
            if (current := stage(video, name))["state"] in ("running", "completed"):
                samples[name].append((current["progress"], resident(tree)))
    done = bench.api.get(created["id"])
    minutes = float(done["seconds"]) / 60
    rows = [row(name, samples[name], 1 / minutes) for name in SERVICES]
    return "\n\n".join((markdown(HEAD, rows), NOTE.format(minutes=minutes)))


def followed(bench: Workbench, video_id: str) -> Iterator[dict[str, Any]]:
    """Yields the video at each of its events, until it has ended."""
    for _, event in bench.api.events(video_id):
        yield event["video"]
        if event["video"]["status"] in TERMINAL:
            return


def resident(tree: psutil.Process) -> float:
    """Returns the resident memory of a process and its descendants, in MiB."""
    processes = [tree, *tree.children(recursive=True)]
    return sum(process.memory_info().rss for process in processes) / MEGABYTE


def row(name: str, samples: list[tuple[float, float]], minute: float) -> tuple[str, ...]:
    """Returns the row of a service from its samples of progress and memory in MiB.

    `minute` is the progress of its stage, from 0 to 1, at which a minute of video is made.
    """
    first = next(memory for progress, memory in samples if progress >= minute)
    later = [memory for progress, memory in samples if progress >= minute]
    return (name, f"{first:.0f}", f"{max(later):.0f}", f"{later[-1]:.0f}")
