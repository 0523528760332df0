from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.speech import speak
from services.chassis.engine_api.quality import failed
from services.chassis.engine_api.timeline import SpeechTimeline, TimedWord
from services.tts.synthesize import SpokenFile
from services.tts.word_check import errors_between, plain, with_words_checked

SCRIPT = "The boy was there when the sun rose, and a pot of tea helped to pass the evening."


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> SpokenFile:
    made = speak(SCRIPT, "en-us")
    return SpokenFile(made.write(tmp_path_factory.mktemp("speech") / "speech.wav"), made.timeline)


def test_clear_words_are_understood(spoken: SpokenFile) -> None:
    (check,) = with_words_checked(spoken, 20.0).checks
    assert (check.name, check.passed) == ("word_errors", True)
    assert 0 <= check.value < 0.85


def test_noise_is_not_understood(spoken: SpokenFile, tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    noise = np.random.default_rng(0).normal(0, 0.1, round(spoken.timeline.duration * 16_000))
    soundfile.write(path, noise, 16_000)
    (check,) = failed(with_words_checked(SpokenFile(path, spoken.timeline), 20.0).checks)
    assert "of the words wrong" in check.message


@pytest.mark.parametrize(
    "timeline",
    [
        SpeechTimeline(9.0, "de", tuple(TimedWord("wort", n, n + 1) for n in range(9))),
        SpeechTimeline(9.0, "en-US", (TimedWord("few", 0.0, 1.0),)),
        SpeechTimeline(9.0, "en-US", tuple(TimedWord(str(n), n, n + 1) for n in range(9))),
        SpeechTimeline(99.0, "en-US", tuple(TimedWord("late", n, n + 1) for n in range(50, 60))),
    ],
    ids=["another language", "few words", "figures", "late words"],
)
def test_speech_that_cannot_be_checked_is_returned_unchanged(timeline: SpeechTimeline) -> None:
    spoken = SpokenFile(Path("never read"), timeline)
    assert with_words_checked(spoken, 10.0) is spoken


@pytest.mark.parametrize(
    ("words", "heard", "errors"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a c", 1),
        ("a b c", "", 3),
        ("a b c", "x a b c", 1),
        ("a b", "b a", 2),
    ],
)
def test_errors_count_changed_missing_and_added_words(words: str, heard: str, errors: int) -> None:
    assert errors_between(words.split(), heard.split()) == errors


def test_a_word_is_plain_letters() -> None:
    assert [plain(word) for word in ("It\u2019s", "“Well”", "3.5")] == ["it's", "well", ""]
