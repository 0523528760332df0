"""The `effects` engine: effect chains on the voice by WORLD, on the sound by ffmpeg's filters and numpy."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from services.chassis.engine_api.effects import checked_chain
from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.engine_api.timeline import SpeechTimeline
from services.voice.engines.effects.chain import EFFECTS, passes, tempo_of
from services.voice.engines.effects.presets import PRESETS
from services.voice.engines.level import match_loudness
from services.voice.engines.protocol import ConvertedSpeech, Effects
from services.voice.engines.recording import (
    MAX_CHANGED_SAMPLES,
    Recording,
    read_recording,
    write_recording,
)


class EffectsEngine:
    """An effects engine that keeps the sample rate.

    The timeline follows every change of tempo, and reverberation goes on after the end.
    """

    spec = EngineSpec(
        service="voice",
        name="effects",
        version="2",
        limits=EngineLimits(max_seconds=3600.0),
        operations=("effects",),
        effects=EFFECTS,
        presets=PRESETS,
    )

    def open(self) -> None:
        """Does nothing: there is nothing to load."""

    def close(self) -> None:
        """Does nothing: nothing is held."""

    def apply(self, request: Effects) -> Iterator[Progress | ConvertedSpeech]:
        steps = checked_chain(request.steps, EFFECTS)
        speech = read_recording(request.speech, what="speech", max_samples=MAX_CHANGED_SAMPLES)
        yield Progress(0.05)
        samples = speech.samples.astype(np.float64)
        chain = list(passes(steps))
        for number, each in enumerate(chain, 1):
            samples = each.apply(samples, speech.rate)
            yield Progress(0.05 + 0.9 * number / len(chain))
        made = match_loudness(samples.astype(np.float32), speech.samples)
        write_recording(request.output, Recording(made, speech.rate))
        seconds = len(made) / speech.rate
        tempo = math.prod(tempo_of(step) for step in steps)
        yield ConvertedSpeech(request.output, seconds, _followed(request.timeline, tempo, seconds))


def _followed(timeline: SpeechTimeline | None, tempo: float, seconds: float) -> SpeechTimeline | None:
    return None if timeline is None else replace(timeline.scaled(1 / tempo), duration=seconds)
