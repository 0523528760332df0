"""Changes the voice of a reading with the voice service's own engines."""

from collections.abc import Iterable
from pathlib import Path

from benchmarks.media.reading import Reading
from benchmarks.media.workbench import Workbench
from benchmarks.speech import Spoken, read_speech
from services.chassis.engine_api.effects import EffectPreset
from services.chassis.engine_api.spec import Progress
from services.voice.engines.effects.engine import EffectsEngine
from services.voice.engines.protocol import Conversion, ConvertedSpeech, Effects
from services.voice.engines.world.engine import WorldEngine


def converted(bench: Workbench, reading: Reading, reference: Path) -> Reading:
    """Returns the reading converted to the speaker of the reference, at full strength."""
    engine, speech = WorldEngine(), write(bench, reading)
    engine.open()
    try:
        request = Conversion(speech, bench.new_file(".wav"), reading.timeline, reference)
        return as_reading(reading, engine.convert(request))
    finally:
        engine.close()


def with_effect(bench: Workbench, reading: Reading, preset: EffectPreset) -> Reading:
    """Returns the reading with an effect."""
    engine, speech = EffectsEngine(), write(bench, reading)
    engine.open()
    try:
        request = Effects(speech, bench.new_file(".wav"), preset.steps, reading.timeline)
        return as_reading(reading, engine.apply(request))
    finally:
        engine.close()


def write(bench: Workbench, reading: Reading) -> Path:
    """Writes the reading into a new WAV file of the workbench."""
    return Spoken(reading.samples, reading.rate, reading.timeline).write(bench.new_file(".wav"))


def as_reading(reading: Reading, items: Iterable[Progress | ConvertedSpeech]) -> Reading:
    """Returns the reading with the speech that an engine yields last."""
    *_, made = items
    assert isinstance(made, ConvertedSpeech) and made.timeline is not None
    return reading.changed(*read_speech(made.path), made.timeline)
