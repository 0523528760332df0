"""Conformance suite of transcription engines. Add an engine to `ENGINES` to test it."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.transcript import Transcript
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.tts.word_check import errors_between, plain
from services.voice.engines.protocol import Alignment, Transcription, TranscriptionEngine
from services.voice.engines.sphinx.engine import SphinxEngine
from services.voice.engines.whisper.engine import WhisperEngine
from tests.examples import READER, READER_TEXT
from tests.models import NEEDS_WHISPER

ENGINES = [pytest.param(WhisperEngine, marks=NEEDS_WHISPER)]
SPOKEN = {"mr": "mister"}


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[TranscriptionEngine]:
    made: TranscriptionEngine = request.param()
    made.open()
    yield made
    made.close()


@pytest.fixture(scope="module")
def read(engine: TranscriptionEngine) -> Transcript:
    """Returns the transcript of the example recording."""
    return transcribe(engine, READER, "en-GB")


def transcribe(engine: TranscriptionEngine, speech: Path, language: str = "", prompt: str = "") -> Transcript:
    *progress, transcript = engine.transcribe(Transcription(speech, language, prompt))
    assert isinstance(transcript, Transcript)
    fractions = [item.fraction for item in progress if isinstance(item, Progress)]
    assert len(fractions) == len(progress) > 0
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    check(transcript, soundfile.info(speech).duration)
    return transcript


def check(transcript: Transcript, duration: float) -> None:
    assert transcript.duration == pytest.approx(duration, abs=0.001)
    assert transcript.text == " ".join(segment.text for segment in transcript.segments)
    for items in (transcript.words, transcript.segments):
        assert all(0 <= item.start < item.end <= transcript.duration for item in items)
        assert all(one.end <= other.start + 1e-9 for one, other in pairwise(items))


def word_error(text: str, heard: str) -> float:
    said, found = ([SPOKEN.get(plain(word), plain(word)) for word in each.split()] for each in (text, heard))
    return errors_between(said, found) / len(said)


def test_the_spec_is_of_this_service_and_operation(engine: TranscriptionEngine) -> None:
    assert engine.spec.service == "voice"
    assert "transcribe" in engine.spec.operations
    assert engine.spec.languages


def test_a_recording_of_a_person_is_written_down(read: Transcript) -> None:
    assert word_error(READER_TEXT, read.text) <= 0.06
    assert read.language == "en"


def test_its_words_have_the_times_at_which_the_true_words_are_found(read: Transcript) -> None:
    words = {word.text.lower(): word for word in read.words}
    *_, aligned = SphinxEngine().align(Alignment(READER, READER_TEXT))
    assert not isinstance(aligned, Progress)
    found = [(words[word.text], word) for word in aligned.timeline.words if word.text in words]
    assert len(found) >= 18
    assert all(abs(heard.start - true.start) <= 0.03 for heard, true in found if heard.text != "to")


def test_the_same_recording_is_heard_alike_whatever_was_heard_before(
    engine: TranscriptionEngine, read: Transcript, tmp_path: Path
) -> None:
    samples, rate = soundfile.read(READER)
    soundfile.write(tmp_path / "other.wav", samples[: 2 * rate], rate)
    transcribe(engine, tmp_path / "other.wav")
    assert transcribe(engine, READER, "en-GB") == read


def test_a_long_recording_is_heard_to_its_end(engine: TranscriptionEngine, tmp_path: Path) -> None:
    samples, rate = soundfile.read(READER)
    soundfile.write(tmp_path / "long.flac", np.stack([np.tile(samples, 5)] * 2, axis=1), rate)
    transcript = transcribe(engine, tmp_path / "long.flac")
    assert word_error(" ".join([READER_TEXT] * 5), transcript.text) <= 0.1
    assert transcript.words[-1].end == pytest.approx(4 * len(samples) / rate + 6.79, abs=0.1)


@pytest.mark.parametrize("level", [0.0, 0.001, 0.3])
def test_silence_and_noise_have_no_words(engine: TranscriptionEngine, tmp_path: Path, level: float) -> None:
    noise = np.random.default_rng(0).normal(0, 1, 64000) * level
    soundfile.write(tmp_path / "noise.wav", noise, 16000)
    transcript = transcribe(engine, tmp_path / "noise.wav")
    assert (transcript.text, transcript.words, transcript.segments) == ("", (), ())


def test_a_language_that_is_not_heard_is_refused(engine: TranscriptionEngine) -> None:
    with pytest.raises(InvalidArgument, match="xx"):
        list(engine.transcribe(Transcription(READER, "xx")))


@pytest.mark.parametrize("content", [b"", b"no sound"])
def test_what_is_no_audio_is_refused(engine: TranscriptionEngine, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "speech").write_bytes(content)
    with pytest.raises(MediaUnreadable):
        list(engine.transcribe(Transcription(tmp_path / "speech")))
