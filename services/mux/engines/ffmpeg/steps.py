"""Runs ffmpeg as one step of a longer operation."""

from collections.abc import Generator
from contextlib import closing
from typing import TypeVar

from services.chassis.engine_api.spec import Progress
from services.mux.engines.ffmpeg.process import Ffmpeg

Result = TypeVar("Result")
Steps = Generator[Progress, None, Result]
"""A generator that yields progress of the whole operation and returns its result."""


def run_step(ffmpeg: Ffmpeg, arguments: list[str], seconds: float, start: float, end: float) -> Steps[str]:
    """Runs ffmpeg for an output `seconds` long and returns its log.

    Its progress is mapped to the part from `start` to `end` of the whole.
    """
    with closing(ffmpeg.run(arguments, seconds)) as running:
        while True:
            try:
                fraction = next(running)
            except StopIteration as stop:
                return stop.value
            yield Progress(start + fraction * (end - start))
