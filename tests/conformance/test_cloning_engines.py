"""Conformance suite of TTS engines that clone voices. Add an engine to `ENGINES` to test it."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import pyworld
import soundfile
from numpy.typing import NDArray

from benchmarks.speech import read_speech
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Progress
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.chassis.models.cache import ModelMissing, model_folder
from services.tts.engines.cloning.speaker_encoder import MODEL
from services.tts.engines.kokoro.engine import KokoroEngine
from services.tts.engines.protocol import Cloning, CloningEngine, Speaker, Speech
from services.tts.normalization.normalize import normalize_plain
from tests.examples import READER

ENGINES: Sequence[Callable[[], CloningEngine]] = [lambda: KokoroEngine(renders=2)]
"""Kokoro tries as many styles as show that it searches; `python -m benchmarks.media clones` tries all."""
ENGLISH = {"kokoro": "af_heart"}
SENTENCE = "The quick brown fox jumps over the lazy dog."
SOUND, RATE = read_speech(READER)
RANDOM = np.random.default_rng(0)


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[CloningEngine]:
    made: CloningEngine = request.param()
    try:
        made.open()
        model_folder(MODEL)
    except ModelMissing as missing:
        pytest.skip(missing.message)
    yield made
    made.close()


@pytest.fixture(scope="module")
def items(engine: CloningEngine, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Progress | Speaker]:
    return clone(engine, tmp_path_factory.mktemp("speaker") / "speaker", READER)


@pytest.fixture(scope="module")
def speaker(items: Sequence[Progress | Speaker]) -> Speaker:
    *_, made = items
    assert isinstance(made, Speaker)
    return made


def clone(engine: CloningEngine, output: Path, *references: Path) -> list[Progress | Speaker]:
    return list(engine.clone(Cloning(references, output)))


def speak(engine: CloningEngine, speaker: Path | None) -> tuple[NDArray[np.float64], int]:
    request = Speech(normalize_plain(SENTENCE, "en"), ENGLISH[engine.spec.name], speaker=speaker)
    chunks = list(engine.synthesize(request))
    samples = np.concatenate([chunk.samples for chunk in chunks])
    return samples / 32768, chunks[0].sample_rate


def median_pitch(samples: NDArray[np.floating], rate: int) -> float:
    pitch, _ = pyworld.harvest(samples.astype(np.float64), rate, f0_floor=55, f0_ceil=600)
    return float(np.median(pitch[pitch > 0]))


def test_the_spec_announces_it(engine: CloningEngine) -> None:
    assert {"synthesize", "clone"} <= set(engine.spec.operations)


def test_progress_rises_and_one_speaker_comes_last(items: Sequence[Progress | Speaker]) -> None:
    *progress, made = items
    fractions = [each.fraction for each in progress if isinstance(each, Progress)]
    assert len(fractions) == len(progress) > 0
    assert all(first < second for first, second in itertools.pairwise([0.0, *fractions, 1.0]))
    assert isinstance(made, Speaker)


def test_the_speaker_is_a_file_of_the_speech_it_was_made_from(speaker: Speaker) -> None:
    assert speaker.path.stat().st_size > 0
    assert 5 < speaker.seconds < 7.2


def test_it_says_how_alike_the_speaker_is(speaker: Speaker) -> None:
    (check,) = speaker.checks
    assert isinstance(check, QualityCheck)
    assert check.name == "speaker_similarity"
    assert check.lower is not None
    assert 0.5 < check.value < 1


def test_equal_recordings_give_equal_bytes(engine: CloningEngine, speaker: Speaker, tmp_path: Path) -> None:
    clone(engine, tmp_path / "again", READER)
    assert (tmp_path / "again").read_bytes() == speaker.path.read_bytes()


def test_the_speaker_speaks_at_the_pitch_of_the_recording(engine: CloningEngine, speaker: Speaker) -> None:
    wanted = median_pitch(SOUND, RATE)
    own, spoken = (median_pitch(*speak(engine, each)) for each in (None, speaker.path))
    assert abs(own / wanted - 1) > 0.2
    assert spoken == pytest.approx(wanted, rel=0.1)


def test_the_same_text_in_a_cloned_voice_is_the_same_speech(engine: CloningEngine, speaker: Speaker) -> None:
    first, again = (speak(engine, speaker.path)[0] for _ in range(2))
    assert np.array_equal(first, again)
    assert 0.1 < np.abs(first).max() < 0.999


def test_a_file_of_another_engine_is_no_speaker(engine: CloningEngine, tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04", json.dumps({"format": "another"}).encode()):
        (tmp_path / "foreign").write_bytes(content)
        with pytest.raises(InvalidArgument, match="speaker"):
            speak(engine, tmp_path / "foreign")


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (SOUND[: 2 * RATE], "s are needed"),
        (np.zeros(5 * RATE), "silent"),
        (SOUND + RANDOM.normal(0, 0.1, len(SOUND)), "noise"),
    ],
)
def test_unsuitable_recordings_are_refused(
    engine: CloningEngine, sound: NDArray[np.float32], message: str, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "bad.wav", sound, RATE)
    with pytest.raises(InvalidArgument, match=message):
        clone(engine, tmp_path / "speaker", tmp_path / "bad.wav")
    assert not (tmp_path / "speaker").exists()


def test_two_people_are_refused(engine: CloningEngine, tmp_path: Path) -> None:
    other, rate = speak(engine, None)
    soundfile.write(tmp_path / "other.wav", np.tile(other, 2), rate)
    with pytest.raises(InvalidArgument, match="several people"):
        clone(engine, tmp_path / "speaker", READER, tmp_path / "other.wav")


def test_what_is_no_audio_is_refused(engine: CloningEngine, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no audio")
    with pytest.raises(MediaUnreadable):
        clone(engine, tmp_path / "speaker", tmp_path / "text")
