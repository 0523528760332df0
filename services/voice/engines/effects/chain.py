"""Applies a chain of effects in passes over the sound: neighbours of one kind share a pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np

from services.chassis.engine_api.effects import EffectStep
from services.voice.engines.effects.ffmpeg import filtered
from services.voice.engines.effects.filter_effects import FILTER_EFFECTS, FilterEffect
from services.voice.engines.effects.sound_effects import SOUND_EFFECTS, SoundEffect
from services.voice.engines.effects.voice_effects import VOICE_EFFECTS, VoiceEffect
from services.voice.engines.recording import Samples
from services.voice.engines.world.analysis import Frames
from services.voice.engines.world.revoicing import revoice

_KNOWN: dict[str, VoiceEffect | FilterEffect | SoundEffect] = {
    known.effect.name: known for known in (*VOICE_EFFECTS, *FILTER_EFFECTS, *SOUND_EFFECTS)
}
EFFECTS = tuple(known.effect for known in _KNOWN.values())


class Pass(Protocol):
    def apply(self, samples: Samples, rate: int) -> Samples: ...


@dataclass(frozen=True, slots=True)
class VoicePass:
    steps: Sequence[EffectStep]

    def apply(self, samples: Samples, rate: int) -> Samples:
        pieces = revoice(samples.astype(np.float32), rate, self._change)
        return np.concatenate(list(pieces)).astype(np.float64)

    def _change(self, frames: Frames) -> Frames:
        for step in self.steps:
            known = _KNOWN[step.effect]
            assert isinstance(known, VoiceEffect)
            frames = known.change(frames, step.amounts)
        return frames


@dataclass(frozen=True, slots=True)
class FilterPass:
    steps: Sequence[EffectStep]

    def apply(self, samples: Samples, rate: int) -> Samples:
        """Returns the changed samples; their number follows exactly from the tempo and tails of the steps."""
        graphs: list[str] = []
        count, ringing = float(len(samples)), 0.0
        for step in self.steps:
            known = _KNOWN[step.effect]
            assert isinstance(known, FilterEffect)
            graphs.append(known.graph(step.amounts, rate))
            count = (count + known.tail(step.amounts) * rate) / tempo_of(step)
            ringing += known.tail(step.amounts)
        padded = np.pad(samples, (0, round(ringing * rate) + rate // 2))
        made = filtered(padded, rate, ",".join(graphs))
        return np.pad(made, (0, max(0, round(count) - len(made))))[: round(count)]


@dataclass(frozen=True, slots=True)
class SoundPass:
    steps: Sequence[EffectStep]

    def apply(self, samples: Samples, rate: int) -> Samples:
        for step in self.steps:
            known = _KNOWN[step.effect]
            assert isinstance(known, SoundEffect)
            samples = known.change(samples, rate, step.amounts)
        return samples


_PASSES = {VoiceEffect: VoicePass, FilterEffect: FilterPass, SoundEffect: SoundPass}


def passes(steps: Sequence[EffectStep]) -> Iterator[Pass]:
    """Yields the passes of a checked chain."""
    for kind, group in groupby(steps, lambda step: type(_KNOWN[step.effect])):
        yield _PASSES[kind](tuple(group))


def tempo_of(step: EffectStep) -> float:
    """Returns how many times as fast the speech is after the step."""
    return step.amounts["factor"] if step.effect == "tempo" else 1.0
