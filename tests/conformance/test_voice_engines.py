"""Conformance suite of voice engines. Add an engine to `ENGINES` to test it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import pyworld
import soundfile
import soxr
from numpy.typing import NDArray
from pocketsphinx import Decoder  # pyright: ignore[reportUnknownVariableType] - it has no types

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme, TimedWord
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.protocol import Speech
from services.tts.normalization.normalize import normalize_plain
from services.voice.engines.protocol import Conversion, ConvertedSpeech, Inspection, VoiceEngine
from services.voice.engines.world.engine import WorldEngine
from tests.examples import READER

ENGINES = [WorldEngine]
TEXT = (
    "Likeness turns a script and a portrait into a talking video. It runs on a laptop, "
    "with no keys and no downloads. Hello there, how are you today?"
)
PHRASE = "Likeness turns a script and a portrait into a talking video."
COLOURS = "red green yellow black white"
TIMELINE = SpeechTimeline(
    7.5,
    "en-US",
    (TimedWord("Likeness", 0.0, 0.6),),
    (TimedPhoneme("l", 0.0, 0.1), TimedPhoneme("aɪ", 0.1, 0.3)),
)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[VoiceEngine]:
    made: VoiceEngine = request.param()
    made.open()
    yield made
    made.close()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speak(TEXT, tmp_path_factory.mktemp("speech") / "speech.wav")


@pytest.fixture(scope="module")
def phrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns speech of three seconds, for what needs no more."""
    return speak(PHRASE, tmp_path_factory.mktemp("phrase") / "phrase.wav")


@pytest.fixture(scope="module")
def moved(engine: VoiceEngine, speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the speech moved all the way to the reader."""
    return convert(engine, speech, tmp_path_factory.mktemp("moved") / "moved.wav", reference=READER)


def speak(text: str, path: Path) -> Path:
    chunks = list(EspeakEngine().synthesize(Speech(normalize_plain(text, "en-US"), "en-us")))
    soundfile.write(path, np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)
    return path


def convert(engine: VoiceEngine, speech: Path, output: Path, **options: Any) -> Path:
    *progress, converted = engine.convert(replace(Conversion(speech, output, TIMELINE), **options))
    assert isinstance(converted, ConvertedSpeech)
    assert all(isinstance(item, Progress) for item in progress)
    return converted.path


def samples(path: Path) -> tuple[NDArray[np.float64], int]:
    sound, rate = soundfile.read(path)
    return np.asarray(sound, np.float64), rate


@cache
def median_pitch(path: Path) -> float:
    """Measures with another tracker than the engine's. No file is written twice, so results are cached."""
    sound, rate = samples(path)
    pitch, _ = pyworld.harvest(soxr.resample(sound, rate, 4000), 4000, f0_floor=50, f0_ceil=700)
    return float(np.median(pitch[pitch > 0]))


@cache
def average_spectrum(path: Path) -> NDArray[np.float64]:
    """Returns the power in third octaves from 100 Hz to 6.3 kHz, in dB, of the 20 ms windows with speech.

    It is independent of the level.
    """
    sound, rate = samples(path)
    sound = soxr.resample(sound, rate, 16000)
    windows = np.lib.stride_tricks.sliding_window_view(sound, 1600)[::400]
    power = np.square(windows).mean(axis=1)
    windows = windows[power > power.max() * 1e-4]
    spectrum = np.square(np.abs(np.fft.rfft(windows * np.hanning(1600), axis=1))).mean(axis=0)
    frequencies = np.fft.rfftfreq(1600, 1 / 16000)
    centres = 100 * 2 ** (np.arange(19) / 3)
    bands = [
        spectrum[(frequencies >= c * 2 ** (-1 / 6)) & (frequencies < c * 2 ** (1 / 6))].mean()
        for c in centres
    ]
    decibels = 10 * np.log10(bands)
    return decibels - decibels.mean()


def distance(one: Path, other: Path) -> float:
    return float(np.sqrt(np.mean(np.square(average_spectrum(one) - average_spectrum(other)))))


def centroid(path: Path) -> float:
    """Returns the middle frequency of the voiced envelope below 5 kHz, in Hz."""
    sound, rate = samples(path)
    rough, times = pyworld.dio(sound, rate)
    envelope = pyworld.cheaptrick(sound, rough, times, rate)[rough > 0]
    frequencies = np.linspace(0, rate / 2, envelope.shape[1])
    weights = np.sqrt(envelope.mean(axis=0)) * (frequencies < 5000)
    return float(np.sum(weights * frequencies) / np.sum(weights))


def recognise(path: Path) -> str:
    sound, rate = samples(path)
    sound = np.pad(soxr.resample(sound, rate, 16000), 4000) * 20000
    # The recogniser's model was never trained on digital silence.
    pcm = (sound + np.random.default_rng(0).normal(0, 30, len(sound))).astype(np.int16)
    wide = {"beam": 1e-100, "wbeam": 1e-80, "pbeam": 1e-100}
    decoder: Any = cast(Any, Decoder)(samprate=16000, lm=None, loglevel="FATAL", **wide)
    words = " | ".join([*COLOURS.split(), "blue", "brown", "orange", "purple"])
    decoder.add_jsgf_string("colours", f"#JSGF V1.0; grammar colours; public <all> = ({words})+;")
    decoder.activate_search("colours")
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr if found else ""


def test_the_spec_names_this_service(engine: VoiceEngine) -> None:
    assert (engine.spec.service, bool(engine.spec.name), bool(engine.spec.version)) == ("voice", True, True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"reference": READER},
        {"pitch_semitones": 5.0, "formant_scale": 1.1},
        {"reference": READER, "strength": 0.3},
    ],
)
def test_duration_rate_and_timeline_are_kept(
    engine: VoiceEngine, phrase: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    *progress, converted = engine.convert(
        replace(Conversion(phrase, tmp_path / "out.wav", TIMELINE), **options)
    )
    made, given = soundfile.info(tmp_path / "out.wav"), soundfile.info(phrase)
    assert converted == ConvertedSpeech(tmp_path / "out.wav", given.duration, TIMELINE)
    assert (made.frames, made.samplerate) == (given.frames, given.samplerate)
    assert (made.channels, made.subtype, made.format) == (1, "PCM_16", "WAV")
    fractions = [item.fraction for item in progress if isinstance(item, Progress)]
    assert fractions
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1


def test_a_conversion_without_changes_is_a_copy(engine: VoiceEngine, speech: Path, tmp_path: Path) -> None:
    for options in ({}, {"reference": READER, "strength": 0.0}):
        made = convert(engine, speech, tmp_path / "out.wav", **options)
        assert np.array_equal(samples(made)[0], samples(speech)[0])


def test_pitch_reaches_the_reference(engine: VoiceEngine, phrase: Path, tmp_path: Path) -> None:
    raised = convert(engine, phrase, tmp_path / "high.wav", pitch_semitones=7.0)
    made = convert(engine, raised, tmp_path / "out.wav", reference=READER)
    assert abs(median_pitch(raised) / median_pitch(READER) - 1) > 0.4
    assert median_pitch(made) == pytest.approx(median_pitch(READER), rel=0.05)


def test_the_average_spectrum_comes_at_least_half_way(speech: Path, moved: Path) -> None:
    assert distance(moved, READER) <= distance(speech, READER) / 2


def test_partial_strength_is_between_source_and_reference(
    engine: VoiceEngine, speech: Path, moved: Path, tmp_path: Path
) -> None:
    half = convert(engine, speech, tmp_path / "half.wav", reference=READER, strength=0.5)
    assert distance(moved, READER) < distance(half, READER) < distance(speech, READER)


@pytest.mark.parametrize(("semitones", "factor"), [(12.0, 2.0), (5.0, 1.335), (-5.0, 0.749)])
def test_a_shift_multiplies_the_fundamental(
    engine: VoiceEngine, phrase: Path, tmp_path: Path, semitones: float, factor: float
) -> None:
    made = convert(engine, phrase, tmp_path / "out.wav", pitch_semitones=semitones)
    assert median_pitch(made) / median_pitch(phrase) == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize("scale", [0.85, 1.2])
def test_formants_move_and_the_pitch_does_not(
    engine: VoiceEngine, phrase: Path, tmp_path: Path, scale: float
) -> None:
    made = convert(engine, phrase, tmp_path / "out.wav", formant_scale=scale)
    assert (centroid(made) > centroid(phrase)) == (scale > 1)
    assert centroid(made) / centroid(phrase) == pytest.approx(scale, rel=0.1)
    assert median_pitch(made) == pytest.approx(median_pitch(phrase), rel=0.03)


def test_the_words_are_still_understood(engine: VoiceEngine, tmp_path: Path) -> None:
    source = speak(", ".join(COLOURS.split()) + ".", tmp_path / "colours.wav")
    assert recognise(source) == COLOURS
    assert recognise(convert(engine, source, tmp_path / "out.wav", reference=READER)) == COLOURS


def test_sounds_keep_their_times(engine: VoiceEngine, phrase: Path, tmp_path: Path) -> None:
    """Checks that the loudness over time follows the source's, without delay."""
    made = convert(engine, phrase, tmp_path / "out.wav", reference=READER, pitch_semitones=4.0)
    one, other = (loudness_curve(path) for path in (phrase, made))
    lags = range(-10, 11)
    scores = [np.corrcoef(one[10:-10], np.roll(other, lag)[10:-10])[0, 1] for lag in lags]
    assert abs(lags[int(np.argmax(scores))]) <= 1
    assert max(scores) > 0.8


def loudness_curve(path: Path) -> NDArray[np.float64]:
    """Returns the RMS of every 10 ms."""
    sound, rate = samples(path)
    step = rate // 100
    return np.sqrt(np.square(sound[: len(sound) // step * step].reshape(-1, step)).mean(axis=1))


def test_loud_speech_does_not_clip(engine: VoiceEngine, phrase: Path, tmp_path: Path) -> None:
    sound, rate = samples(phrase)
    soundfile.write(tmp_path / "loud.wav", sound / np.abs(sound).max(), rate)
    made = convert(
        engine, tmp_path / "loud.wav", tmp_path / "out.wav", reference=READER, pitch_semitones=-6.0
    )
    assert 0.3 < np.abs(samples(made)[0]).max() < 0.98


def test_other_rates_channels_and_lengths_are_converted(
    engine: VoiceEngine, speech: Path, tmp_path: Path
) -> None:
    sound, rate = samples(speech)
    at_48k = soxr.resample(np.tile(sound, 2), rate, 48000)
    soundfile.write(tmp_path / "long.flac", np.stack([at_48k, at_48k], axis=1), 48000)
    made = convert(engine, tmp_path / "long.flac", tmp_path / "out.wav", pitch_semitones=3.0)
    assert (soundfile.info(made).frames, soundfile.info(made).samplerate) == (len(at_48k), 48000)
    assert median_pitch(made) / median_pitch(speech) == pytest.approx(2 ** (3 / 12), rel=0.04)


def test_silence_stays_silence(engine: VoiceEngine, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(16000), 16000)
    made = convert(
        engine, tmp_path / "silence.wav", tmp_path / "out.wav", reference=READER, pitch_semitones=2.0
    )
    assert np.abs(samples(made)[0]).max() < 1e-3


def test_same_request_gives_the_same_sound(
    engine: VoiceEngine, speech: Path, moved: Path, tmp_path: Path
) -> None:
    again = convert(engine, speech, tmp_path / "again.wav", reference=READER)
    assert again.read_bytes() == moved.read_bytes()


@pytest.mark.parametrize("field", ["speech", "reference"])
def test_a_file_that_is_not_audio_is_unreadable(
    engine: VoiceEngine, speech: Path, tmp_path: Path, field: str
) -> None:
    (tmp_path / "text.wav").write_text("not audio")
    options = {"speech": speech, "reference": READER} | {field: tmp_path / "text.wav"}
    with pytest.raises(MediaUnreadable, match=field):
        convert(engine, output=tmp_path / "out.wav", **options)


@pytest.mark.parametrize("kind", ["silence", "noise", "short"])
def test_a_reference_with_too_little_speech_is_refused(
    engine: VoiceEngine, speech: Path, tmp_path: Path, kind: str
) -> None:
    reader, rate = samples(READER)
    noise = np.random.default_rng(0).normal(0, 0.1, 5 * rate)
    sound = {"silence": np.zeros(5 * rate), "noise": noise, "short": reader[: rate // 2]}[kind]
    soundfile.write(tmp_path / "reference.wav", sound, rate)
    with pytest.raises(InvalidArgument, match="give"):
        convert(engine, speech, tmp_path / "out.wav", reference=tmp_path / "reference.wav")


def test_a_reference_is_inspected(engine: VoiceEngine, tmp_path: Path) -> None:
    (seen,) = engine.inspect(Inspection(READER))
    assert 4 < seen.speech_seconds < soundfile.info(READER).duration
    assert seen.pitch_hz == pytest.approx(median_pitch(READER), rel=0.05)
    assert seen.signal_to_noise_db > 20
    soundfile.write(tmp_path / "silence.wav", np.zeros(80000), 16000)
    with pytest.raises(InvalidArgument, match="give"):
        list(engine.inspect(Inspection(tmp_path / "silence.wav")))
    with pytest.raises(MediaUnreadable, match="reference"):
        list(engine.inspect(Inspection(tmp_path / "none.wav")))


@pytest.mark.parametrize(
    "options",
    [
        {"strength": 1.5},
        {"strength": -0.1},
        {"pitch_semitones": 99.0},
        {"formant_scale": 0.0},
        {"formant_scale": 9.0},
    ],
)
def test_amounts_out_of_range_are_refused(
    engine: VoiceEngine, speech: Path, tmp_path: Path, options: dict[str, float]
) -> None:
    with pytest.raises(InvalidArgument, match="give"):
        convert(engine, speech, tmp_path / "out.wav", **options)


def test_a_recording_needs_no_timeline(engine: VoiceEngine, tmp_path: Path) -> None:
    *_, converted = engine.convert(Conversion(READER, tmp_path / "out.wav", pitch_semitones=3.0))
    assert converted == ConvertedSpeech(tmp_path / "out.wav", soundfile.info(READER).duration, None)
