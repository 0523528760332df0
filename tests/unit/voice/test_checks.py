from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.chassis.engine_api.quality import failed
from services.chassis.engine_api.timeline import SpeechTimeline, TimedWord
from services.chassis.errors import MediaUnreadable
from services.voice.checks import with_checks
from services.voice.engines.level import level_check
from services.voice.engines.protocol import AlignedSpeech, ConvertedSpeech
from services.voice.engines.recording import Recording, write_recording

RATE = 16_000
TIMELINE = SpeechTimeline(1.0, words=(TimedWord("hum", 0.0, 1.0),))


def converted(samples: np.ndarray, folder: Path) -> ConvertedSpeech:
    path = folder / "speech.wav"
    write_recording(path, Recording(samples.astype(np.float32), RATE))
    return ConvertedSpeech(path, len(samples) / RATE, TIMELINE)


def hum(gain: float) -> np.ndarray:
    return gain * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)


def test_good_speech_passes(tmp_path: Path) -> None:
    checks = with_checks(converted(hum(0.2), tmp_path)).checks
    assert {"clipping", "loudness"} <= {check.name for check in checks}
    assert failed(checks) == ()


def test_an_effect_that_clips_fails_the_check(tmp_path: Path) -> None:
    checks = failed(with_checks(converted(np.clip(hum(4.0), -1, 1), tmp_path)).checks)
    assert "clipping" in [check.name for check in checks]


@pytest.mark.parametrize(("form", "channels"), [("WAV", 2), ("FLAC", 1), ("OGG", 1), ("MP3", 1)])
def test_speech_that_is_no_mono_wav_is_unreadable(tmp_path: Path, form: str, channels: int) -> None:
    path = tmp_path / "speech.wav"
    soundfile.write(path, np.repeat(hum(0.2)[:, None], channels, axis=1), RATE, format=form)
    with pytest.raises(MediaUnreadable, match="mono 16-bit WAV"):
        with_checks(ConvertedSpeech(path, 1.0, TIMELINE))


def test_what_is_no_sound_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "speech.wav").write_bytes(b"noise")
    with pytest.raises(MediaUnreadable, match="mono 16-bit WAV"):
        with_checks(ConvertedSpeech(tmp_path / "speech.wav", 1.0, TIMELINE))


@pytest.mark.parametrize(("confidence", "passed"), [(0.9, True), (0.1, False)])
def test_an_alignment_has_a_confidence_check(confidence: float, passed: bool) -> None:
    (check,) = with_checks(AlignedSpeech(SpeechTimeline(1.0, confidence=confidence))).checks
    assert (check.value, check.passed) == (confidence, passed)
    assert ("transcript" in check.message) is not passed


@pytest.mark.parametrize(("gain", "passed"), [(0.2, True), (0.002, True), (0.0005, False), (0.0, False)])
def test_a_recording_in_which_nothing_is_heard_fails_the_check(gain: float, passed: bool) -> None:
    check = level_check(hum(gain).astype(np.float32))
    assert check.passed is passed
    assert ("microphone" in check.message) is not passed


def test_no_transcript_is_asked_for_where_nothing_is_heard() -> None:
    silent = level_check(np.zeros(RATE, np.float32))
    unsure = SpeechTimeline(1.0, confidence=0.0)
    assert with_checks(AlignedSpeech(unsure, checks=(silent,))).checks == (silent,)
