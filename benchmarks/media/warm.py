"""Measures the time from request to file on a warm stack, for about ten seconds of speech at 512×512."""

import time
from statistics import median

from benchmarks.media.sentences import HARVARD
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown

ROUNDS = 7
SENTENCES = 4
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HEAD = ("seconds of video", "median, s", "worst, s")
NOTE = (
    "From `POST /v1/videos` to the last byte of the downloaded MP4, 512×512, H.264 and AAC, one at a time, "
    f"each with a script that is new to the stack; {ROUNDS} requests after one that warms it."
)


def measure(bench: Workbench) -> str:
    """Returns the table of one row with its note."""
    taken: list[float] = []
    lengths: list[float] = []
    for number in NUMBERS[: ROUNDS + 1]:
        begin = time.perf_counter()
        script = f"Number {number} in the book. {' '.join(HARVARD[:SENTENCES])}"
        video = bench.api.make(script=script, image=bench.portrait, size="512x512")
        bench.api.download(video["id"], bench.new_file(".mp4"))
        taken.append(time.perf_counter() - begin)
        lengths.append(float(video["seconds"]))
        print(f"{lengths[-1]:.1f} s of video in {taken[-1]:.2f} s", flush=True)
    cells = (f"{median(lengths[1:]):.1f}", f"{median(taken[1:]):.2f}", f"{max(taken[1:]):.2f}")
    return "\n\n".join((markdown(HEAD, [cells]), NOTE))
