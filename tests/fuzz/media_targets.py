"""Uploads in the process: what decides whether a file is taken, and what it is."""

import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probing.inspection import inspect
from tests.fuzz.mutation import mutated
from tests.fuzz.recordings import recordings
from tests.fuzz.target import Case, Finding, FuzzTarget, Run, Setting

LIMITS = MediaLimits(max_bytes=200 << 20, max_pixels=50_000_000, max_seconds=3600.0)


def make_media(random: Random) -> Case:
    return mutated(random, list(recordings().values()))


@contextmanager
def probing(_setting: Setting) -> Generator[Run]:
    """Reads files as the process that is forked for an upload does."""
    with tempfile.TemporaryDirectory(prefix="likeness-fuzz-") as folder:
        path = Path(folder) / "upload"

        def run(case: Case) -> None:
            path.write_bytes(case if isinstance(case, bytes) else b"")
            answer: dict[str, Any] = json.loads(inspect(path, LIMITS))
            if fault := answer.get("fault"):
                raise Finding(f"{fault}: {answer['refusal']}")

        yield run


TARGETS = (FuzzTarget("media", make_media, probing, seconds=5.0),)
