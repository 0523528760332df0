"""Conformance suite of effects engines. Add an engine to `ENGINES` to test it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import pyworld
import soundfile
import soxr
from numpy.typing import NDArray

from services.chassis.engine_api.effects import EffectStep, checked_chain
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.timeline import Emotion, SpeechTimeline, TimedEmotion
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.protocol import Speech
from services.tts.normalization.normalize import normalize_plain
from services.voice.engines.effects.engine import EffectsEngine as ChainEngine
from services.voice.engines.protocol import (
    AlignedSpeech,
    Alignment,
    ConvertedSpeech,
    Effects,
    EffectsEngine,
)
from services.voice.engines.sphinx.engine import SphinxEngine

ENGINES = [ChainEngine]
PRESETS = ("chipmunk", "giant", "robot", "radio", "cave", "whisper", "child", "monster", "telephone")
TEXT = "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background."
Spoken = tuple[Path, SpeechTimeline]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[EffectsEngine]:
    made: EffectsEngine = request.param()
    made.open()
    yield made
    made.close()


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    return speak(TEXT, tmp_path_factory.mktemp("speech") / "speech.wav")


@pytest.fixture(scope="module")
def phrase(tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    """Returns speech of two seconds, for what needs no more."""
    return speak(TEXT.partition(".")[0], tmp_path_factory.mktemp("phrase") / "phrase.wav")


def speak(text: str, path: Path) -> Spoken:
    chunks = list(EspeakEngine().synthesize(Speech(normalize_plain(text, "en-us"), "en-us")))
    sound = np.concatenate([chunk.samples for chunk in chunks])
    soundfile.write(path, sound, chunks[0].sample_rate)
    timeline = SpeechTimeline(
        duration=len(sound) / chunks[0].sample_rate,
        language="en-US",
        words=tuple(word for chunk in chunks for word in chunk.words),
        phonemes=tuple(phoneme for chunk in chunks for phoneme in chunk.phonemes),
        emotions=(TimedEmotion(Emotion.HAPPY, 0.5, 1.0),),
    )
    return path, timeline


def apply(engine: EffectsEngine, spoken: Spoken, output: Path, *steps: EffectStep) -> ConvertedSpeech:
    *progress, made = engine.apply(Effects(spoken[0], output, steps, spoken[1]))
    assert isinstance(made, ConvertedSpeech)
    fractions = [item.fraction for item in progress if isinstance(item, Progress)]
    assert len(fractions) == len(progress) > 0
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    return made


def sound_of(path: Path) -> tuple[NDArray[np.float64], int]:
    sound, rate = soundfile.read(path)
    return np.asarray(sound, np.float64), rate


@cache
def pitches(path: Path) -> NDArray[np.float64]:
    """Returns the pitch of the voiced frames, by another tracker than the engine's.

    No file is measured before it has its last content, so results are cached.
    """
    sound, rate = sound_of(path)
    pitch, _ = pyworld.harvest(soxr.resample(sound, rate, 4000), 4000, f0_floor=50, f0_ceil=700)
    return pitch[pitch > 0]


def power_between(path: Path, low: float, high: float) -> float:
    """Returns the share of the power between two frequencies."""
    sound, rate = sound_of(path)
    power = np.square(np.abs(np.fft.rfft(sound)))
    frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
    return float(power[(frequencies >= low) & (frequencies < high)].sum() / power.sum())


def test_the_spec_names_its_effects_and_presets(engine: EffectsEngine) -> None:
    assert engine.spec.service == "voice"
    assert "effects" in engine.spec.operations
    for preset in engine.spec.presets:
        assert checked_chain(preset.steps, engine.spec.effects)
    assert set(PRESETS) <= {preset.name for preset in engine.spec.presets}
    for named in (engine.spec.effects, engine.spec.presets):
        assert len({each.name for each in named}) == len(named)
        assert all(each.description for each in named)
    for effect in engine.spec.effects:
        assert all(amount.minimum <= amount.usual <= amount.maximum for amount in effect.amounts)


@pytest.mark.parametrize("preset", [preset.name for preset in ChainEngine.spec.presets])
def test_a_preset_gives_speech_of_the_same_loudness(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path, preset: str
) -> None:
    chain = next((each.steps for each in engine.spec.presets if each.name == preset), None)
    if chain is None:
        pytest.skip("not one of this engine's")
    made = apply(engine, spoken, tmp_path / "out.wav", *chain)
    info, given = soundfile.info(made.path), soundfile.info(spoken[0])
    assert (info.channels, info.subtype, info.format) == (1, "PCM_16", "WAV")
    assert (info.samplerate, info.duration) == (given.samplerate, pytest.approx(made.seconds))
    sound, source = sound_of(made.path)[0], sound_of(spoken[0])[0]
    assert np.abs(sound).max() < 0.98
    assert 0.4 < np.sqrt(np.mean(sound**2)) / np.sqrt(np.mean(source**2)) < 2
    assert not np.array_equal(sound[: len(source)], source[: len(sound)])


def test_every_effect_works_at_its_bounds(engine: EffectsEngine, phrase: Spoken, tmp_path: Path) -> None:
    for effect in engine.spec.effects:
        lowest = EffectStep(effect.name, {amount.name: amount.minimum for amount in effect.amounts})
        highest = EffectStep(effect.name, {amount.name: amount.maximum for amount in effect.amounts})
        for step in (lowest, EffectStep(effect.name), highest):
            made = apply(engine, phrase, tmp_path / "out.wav", step)
            assert np.isfinite(sound_of(made.path)[0]).all()
            assert made.timeline is not None
            assert made.timeline.duration == pytest.approx(made.seconds)


@pytest.mark.parametrize("factor", [0.75, 1.3])
def test_the_timeline_follows_the_tempo(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path, factor: float
) -> None:
    step = EffectStep("tempo", {"factor": factor})
    made = apply(engine, spoken, tmp_path / "out.wav", EffectStep("bass"), step, EffectStep("pitch"))
    assert made.timeline is not None
    assert made.seconds == pytest.approx(spoken[1].duration / factor, abs=0.001)
    assert made.timeline.emotions[0].start == pytest.approx(0.5 / factor)
    *_, heard = SphinxEngine().align(Alignment(made.path, TEXT))
    assert isinstance(heard, AlignedSpeech)
    told = {word.text: word.start for word in made.timeline.words}
    late = [word.start - told[word.text] for word in heard.timeline.words if word.text in told]
    assert len(late) >= 10
    assert abs(np.median(late)) <= 0.020


@pytest.mark.parametrize("effect", ["pitch", "formant", "band", "ring", "whisper"])
def test_other_effects_do_not_change_the_times(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path, effect: str
) -> None:
    made = apply(engine, spoken, tmp_path / "out.wav", EffectStep(effect))
    assert made.timeline == spoken[1]
    one, other = loudness_curve(spoken[0]), loudness_curve(made.path)
    lags = range(-10, 11)
    scores = [np.corrcoef(one[10:-10], np.roll(other, lag)[10:-10])[0, 1] for lag in lags]
    assert abs(lags[int(np.argmax(scores))]) <= 1


def loudness_curve(path: Path) -> NDArray[np.float64]:
    """Returns the RMS of every 10 ms."""
    sound, rate = sound_of(path)
    step = rate // 100
    return np.sqrt(np.square(sound[: len(sound) // step * step].reshape(-1, step)).mean(axis=1))


@pytest.mark.parametrize(("semitones", "factor"), [(12.0, 2.0), (4.0, 1.26), (-5.0, 0.749)])
def test_pitch_multiplies_the_fundamental(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path, semitones: float, factor: float
) -> None:
    made = apply(engine, spoken, tmp_path / "out.wav", EffectStep("pitch", {"semitones": semitones}))
    assert np.median(pitches(made.path)) / np.median(pitches(spoken[0])) == pytest.approx(factor, rel=0.03)


def test_a_monotone_has_one_pitch(engine: EffectsEngine, spoken: Spoken, tmp_path: Path) -> None:
    made = apply(engine, spoken, tmp_path / "out.wav", EffectStep("monotone", {"hertz": 150.0}))
    assert np.percentile(pitches(made.path), [10, 50, 90]) == pytest.approx([150, 150, 150], rel=0.04)


def test_a_whisper_is_unvoiced(engine: EffectsEngine, spoken: Spoken, tmp_path: Path) -> None:
    made = apply(engine, spoken, tmp_path / "out.wav", EffectStep("whisper"))
    assert len(pitches(made.path)) < 0.4 * len(pitches(spoken[0]))
    assert power_between(made.path, 0, 250) < 0.3 * power_between(spoken[0], 0, 250)


def test_a_band_filter_keeps_the_frequencies_inside(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path
) -> None:
    band = EffectStep("band", {"low_hertz": 500.0, "high_hertz": 2000.0})
    made = apply(engine, spoken, tmp_path / "out.wav", band)
    assert power_between(made.path, 400, 2600) > 0.95 > power_between(spoken[0], 400, 2600)


def test_a_room_and_an_echo_go_on_after_the_end(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path
) -> None:
    for step in (EffectStep("reverb", {"seconds": 1.5}), EffectStep("echo", {"seconds": 0.4})):
        made = apply(engine, spoken, tmp_path / "out.wav", step)
        assert made.seconds >= spoken[1].duration + 0.4
        sound, rate = sound_of(made.path)
        after = round(spoken[1].duration * rate)
        assert np.abs(sound[after : after + rate // 5]).max() > 1e-3


def test_steps_are_applied_in_their_order(engine: EffectsEngine, spoken: Spoken, tmp_path: Path) -> None:
    ring, band = (
        EffectStep("ring", {"hertz": 2000.0, "share": 1.0}),
        EffectStep("band", {"high_hertz": 1000.0}),
    )
    first = apply(engine, spoken, tmp_path / "one.wav", ring, band)
    last = apply(engine, spoken, tmp_path / "two.wav", band, ring)
    assert power_between(first.path, 0, 1200) > 0.8
    assert power_between(last.path, 1200, 4000) > 0.8


def test_effects_without_a_timeline_return_no_timeline(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path
) -> None:
    request = Effects(spoken[0], tmp_path / "out.wav", (EffectStep("tempo"),))
    *_, made = engine.apply(request)
    assert isinstance(made, ConvertedSpeech)
    assert made.timeline is None
    *_, with_timeline = engine.apply(replace(request, timeline=spoken[1]))
    assert isinstance(with_timeline, ConvertedSpeech)
    assert with_timeline.seconds == made.seconds


def test_silence_stays_quiet(engine: EffectsEngine, spoken: Spoken, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(16000), 16000)
    for preset in engine.spec.presets:
        made = apply(engine, (tmp_path / "silence.wav", spoken[1]), tmp_path / "out.wav", *preset.steps)
        assert np.abs(sound_of(made.path)[0]).max() < 1e-3


def test_same_request_gives_the_same_sound(engine: EffectsEngine, spoken: Spoken, tmp_path: Path) -> None:
    steps = [EffectStep(effect.name) for effect in engine.spec.effects][:16]
    first = apply(engine, spoken, tmp_path / "one.wav", *steps).path.read_bytes()
    assert apply(engine, spoken, tmp_path / "two.wav", *steps).path.read_bytes() == first


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((), "0 steps"),
        ((EffectStep("wobble"),), "step 1: there is no effect 'wobble'"),
        ((EffectStep("bass"), EffectStep("tempo", {"factor": 9.0})), r"step 2 \(tempo\): factor 9"),
    ],
)
def test_an_invalid_chain_is_refused(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path, steps: tuple[EffectStep, ...], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        apply(engine, spoken, tmp_path / "out.wav", *steps)


def test_a_file_that_is_not_audio_is_unreadable(
    engine: EffectsEngine, spoken: Spoken, tmp_path: Path
) -> None:
    (tmp_path / "text.wav").write_text("not audio")
    with pytest.raises(MediaUnreadable, match="speech"):
        apply(engine, (tmp_path / "text.wav", spoken[1]), tmp_path / "out.wav", EffectStep("bass"))
