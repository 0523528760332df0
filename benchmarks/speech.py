"""Synthesises speech as the TTS service does with its default engine, without the service around it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EnginePool
from services.tts.engines.registry import ENGINES
from services.tts.synthesize import synthesize_to_file
from services.tts.task_mapping import ScriptTask


@dataclass(frozen=True, slots=True)
class Spoken:
    """Synthesised speech. `samples` are mono, shape (n,), from -1 to 1; `rate` is in Hz."""

    samples: NDArray[np.float32]
    rate: int
    timeline: SpeechTimeline

    def write(self, path: Path) -> Path:
        """Writes a WAV file of 16 bits, and returns its path."""
        soundfile.write(path, self.samples, self.rate, subtype="PCM_16")
        return path


def speak(script: str, voice: str) -> Spoken:
    return speak_all([script], voice)[0]


def speak_all(scripts: Iterable[str], voice: str) -> list[Spoken]:
    return asyncio.run(_speak_all(scripts, voice))


def read_speech(path: Path) -> tuple[NDArray[np.float32], int]:
    """Returns the mono samples of a sound file, shape (n,), and their rate in Hz."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


async def _speak_all(scripts: Iterable[str], voice: str) -> list[Spoken]:
    with TemporaryDirectory() as folder:
        pool = EnginePool(ENGINES[0], ChildSettings(Path(folder)), size=1)
        try:
            path = Path(folder) / "speech.wav"
            return [await _speak(pool, ScriptTask(script, voice), path) for script in scripts]
        finally:
            await pool.close()


async def _speak(pool: EnginePool, task: ScriptTask, path: Path) -> Spoken:
    spoken = await synthesize_to_file(pool, task, path, max_concurrency=1)
    return Spoken(*read_speech(path), spoken.timeline)
