"""Conformance suite of alignment engines. Add an engine to `ENGINES` to test it."""

import difflib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.engine_api.spec import Progress
from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme, TimedWord
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.chassis.models.cache import CACHE_VARIABLE
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.protocol import Speech
from services.tts.normalization.normalize import normalize_plain
from services.voice.engines.protocol import AlignedSpeech, Alignment, AlignmentEngine
from services.voice.engines.sphinx.engine import SphinxEngine
from tests.examples import READER
from tests.models import NEEDS_WHISPER

ENGINES = [
    pytest.param((SphinxEngine, False), id="sphinx"),
    pytest.param((SphinxEngine, True), id="sphinx with whisper", marks=NEEDS_WHISPER),
]
"""Each with whether it may find the models of this machine."""
READ = (
    "And Mister John Dashwood had then leisure to consider how much there might be prudently in his power "
    "to do for them."
)
SAYINGS = {
    "en-us": "The quick brown fox jumps over the lazy dog. She sells sea shells by the sea shore.",
    "en-gb": "Please call Stella and ask her to bring these 7 things with her from the store.",
    "de": "Guten Tag, ich möchte gerne ein Zimmer für zwei Personen bestellen.",
    "fr-fr": "Bonjour, je voudrais une chambre pour deux personnes.",
    "es": "Buenos días, quisiera una habitación para dos personas.",
    "pl": "Dzień dobry, chciałbym zarezerwować pokój dla dwóch osób.",
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlignmentEngine]:
    kind, with_models = request.param
    with pytest.MonkeyPatch.context() as patched:
        if not with_models:
            patched.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("no models")))
        made: AlignmentEngine = kind()
        made.open()
        yield made
        made.close()


def align(engine: AlignmentEngine, speech: Path, transcript: str = "", language: str = "") -> SpeechTimeline:
    *progress, aligned = engine.align(Alignment(speech, transcript, language))
    assert isinstance(aligned, AlignedSpeech)
    fractions = [item.fraction for item in progress if isinstance(item, Progress)]
    assert len(fractions) == len(progress) > 0
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    check(aligned.timeline, soundfile.info(speech).duration)
    return aligned.timeline


def check(timeline: SpeechTimeline, duration: float) -> None:
    assert timeline.duration == pytest.approx(duration, abs=1e-6)
    assert 0 <= timeline.confidence < 1
    for items in (timeline.words, timeline.phonemes):
        assert all(0 <= item.start < item.end <= timeline.duration for item in items)
        assert all(one.end <= other.start + 1e-9 for one, other in pairwise(items))


def speak(text: str, voice: str, path: Path) -> tuple[list[TimedWord], list[TimedPhoneme]]:
    """Writes the speech; returns the times of its words and phonemes."""
    chunks = list(EspeakEngine().synthesize(Speech(normalize_plain(text, voice), voice)))
    soundfile.write(path, np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)
    return [w for c in chunks for w in c.words], [p for c in chunks for p in c.phonemes]


def delays(found: Sequence[TimedPhoneme], said: Sequence[TimedPhoneme]) -> list[float]:
    """Returns how much later the phonemes that both have begin, in seconds."""
    blocks = difflib.SequenceMatcher(None, [p.ipa for p in found], [p.ipa for p in said], False)
    return [
        found[i + n].start - said[j + n].start
        for i, j, size in blocks.get_matching_blocks()
        for n in range(size)
    ]


def test_the_spec_is_of_this_service_and_operation(engine: AlignmentEngine) -> None:
    assert engine.spec.service == "voice"
    assert "align" in engine.spec.operations


@pytest.mark.parametrize("voice", SAYINGS)
def test_a_transcript_is_aligned_to_the_times_of_its_words(
    engine: AlignmentEngine, tmp_path: Path, voice: str
) -> None:
    _, said = speak(SAYINGS[voice], voice, tmp_path / "speech.wav")
    timeline = align(engine, tmp_path / "speech.wav", SAYINGS[voice], voice)
    assert [word.text for word in timeline.words] == SAYINGS[voice].replace(",", "").replace(".", "").split()
    late = delays(timeline.phonemes, said)
    assert len(late) >= 0.8 * len(said)
    assert abs(np.median(late)) <= 0.010
    assert np.mean(np.abs(late) <= 0.040) >= 0.9
    assert timeline.language == voice


def test_a_recording_of_a_person_is_aligned(engine: AlignmentEngine) -> None:
    """Compares with times read from the spectrogram, where the hiss of each sound begins and ends."""
    timeline = align(engine, READER, READ)
    hisses = {"s": (0.46, 0.52), "ʃ": (1.24, 1.37), "tʃ": (4.17, 4.33)}
    for ipa, (start, end) in hisses.items():
        first = next(phoneme for phoneme in timeline.phonemes if phoneme.ipa == ipa)
        assert (first.start, first.end) == (pytest.approx(start, abs=0.04), pytest.approx(end, abs=0.04))
    assert timeline.words[-1].text == "them"
    assert timeline.confidence > 0.8


def test_without_a_transcript_the_phonemes_are_nearly_the_same(engine: AlignmentEngine) -> None:
    told, heard = align(engine, READER, READ), align(engine, READER)
    assert len(delays(heard.phonemes, told.phonemes)) >= 0.7 * len(told.phonemes)
    assert abs(np.median(delays(heard.phonemes, told.phonemes))) <= 0.010
    same = {word.text.lower() for word in told.words} & {word.text.lower() for word in heard.words}
    assert len(same) >= 0.6 * len({word.text.lower() for word in told.words})
    assert heard.confidence < told.confidence


@pytest.mark.parametrize("language", ["", "en-GB"])
def test_a_transcript_of_other_speech_is_ignored(engine: AlignmentEngine, language: str) -> None:
    other = "The quick brown fox jumps over the lazy dog while seven old men are watching from the bridge."
    words = {word.text.lower() for word in align(engine, READER, other, language).words}
    assert {"leisure", "consider", "power"} <= words
    assert not {"fox", "dog", "seven", "bridge"} & words


def test_speech_in_an_unrecognised_language_gets_no_words(engine: AlignmentEngine, tmp_path: Path) -> None:
    _, said = speak(SAYINGS["de"], "de", tmp_path / "speech.wav")
    timeline = align(engine, tmp_path / "speech.wav", language="de")
    assert timeline.words == ()
    assert len(timeline.phonemes) > 0.5 * len(said)
    assert timeline.confidence < 0.5


def test_a_long_recording_is_aligned_to_its_end(engine: AlignmentEngine, tmp_path: Path) -> None:
    text = " ".join([SAYINGS["en-us"], SAYINGS["en-gb"]] * 4)
    words, _ = speak(text, "en-us", tmp_path / "speech.wav")
    timeline = align(engine, tmp_path / "speech.wav", text, "en-US")
    assert len(timeline.words) == len(text.split())
    assert timeline.words[-1].start == pytest.approx(words[-1].start, abs=0.04)


@pytest.mark.parametrize("transcript", ["", "Nobody says this."])
def test_silence_has_no_words(engine: AlignmentEngine, tmp_path: Path, transcript: str) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(32000), 16000)
    timeline = align(engine, tmp_path / "silence.wav", transcript)
    assert (timeline.words, timeline.phonemes, timeline.confidence) == ((), (), 0.0)


def test_same_request_gives_the_same_times(engine: AlignmentEngine, tmp_path: Path) -> None:
    speak(SAYINGS["de"], "de", tmp_path / "other.wav")
    first = align(engine, READER, READ)
    align(engine, tmp_path / "other.wav", SAYINGS["de"], "de")
    assert align(engine, READER, READ) == first


def test_an_unknown_language_is_refused(engine: AlignmentEngine) -> None:
    with pytest.raises(InvalidArgument, match="give a BCP 47 tag"):
        align(engine, READER, READ, "tlh")


def test_a_file_that_is_not_audio_is_unreadable(engine: AlignmentEngine, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not audio")
    with pytest.raises(MediaUnreadable, match="recording"):
        align(engine, tmp_path / "text.wav")
