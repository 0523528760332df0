"""Tests how recordings of a person are read, and refused, with an encoder that hears what a test says."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.speech import read_speech
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.tts.engines.cloning.references import (
    RATE,
    References,
    check_one_person,
    least_unity,
    read_references,
)
from services.tts.engines.cloning.speaker_encoder import SpeakerEncoder
from tests.examples import READER

RANDOM = np.random.default_rng(0)
SOUND, SOUND_RATE = read_speech(READER)


class OnePerson(SpeakerEncoder):
    """Hears the same voice in every window."""

    def __init__(self) -> None: ...

    def windows(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.eye(256)[np.zeros(4, int)]


def references(folder: Path, *sounds: NDArray[np.float32], rate: int = SOUND_RATE) -> References:
    paths = [folder / f"{number}.wav" for number in range(len(sounds))]
    for path, sound in zip(paths, sounds, strict=True):
        soundfile.write(path, sound, rate)
    return read_references(paths, OnePerson())


def test_pauses_and_rumble_are_cut_and_the_level_is_set(tmp_path: Path) -> None:
    pause = np.zeros(2 * SOUND_RATE, np.float32)
    rumble = 0.05 * np.sin(2 * np.pi * 25 * np.arange(len(SOUND) + 2 * len(pause)) / SOUND_RATE)
    sound = 0.2 * np.concatenate([pause, SOUND, pause]) + rumble.astype(np.float32)
    made, plain = references(tmp_path, sound), references(tmp_path, SOUND)
    assert made.seconds == pytest.approx(plain.seconds, abs=1.2)
    power = np.square(np.abs(np.fft.rfft(made.samples)))
    assert power[: round(35 * made.seconds)].sum() < 1e-3 * power.sum()
    for each in (made, plain):
        assert np.sqrt(np.mean(np.square(each.samples))) == pytest.approx(0.1, rel=0.01)


def test_recordings_are_joined_up_to_a_minute(tmp_path: Path) -> None:
    one, three = references(tmp_path, SOUND), references(tmp_path, SOUND, 0.1 * SOUND, SOUND)
    assert three.seconds == pytest.approx(3 * one.seconds, abs=0.1)
    long = np.tile(SOUND, 12)
    assert references(tmp_path, long, long).seconds == pytest.approx(60, abs=0.1)


@pytest.mark.parametrize(("rate", "highest"), [(8000, 4000), (16_000, 8000), (48_000, RATE / 2)])
def test_it_is_known_how_far_the_recordings_reach(tmp_path: Path, rate: int, highest: float) -> None:
    sound = soxr.resample(SOUND, SOUND_RATE, rate)
    assert references(tmp_path, sound, rate=rate).highest == highest


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (SOUND[: 2 * SOUND_RATE], r"have [12]\.\d s of speech, and 3 s are needed: give 10 to 60 seconds"),
        (np.zeros(5 * SOUND_RATE), r"is silent, or nearly: its level is -120 dB, and -60 dB are needed"),
        (SOUND + RANDOM.normal(0, 0.1, len(SOUND)), r"stands \d dB above the noise, and 10 dB are needed"),
    ],
)
def test_unsuitable_recordings_are_refused(tmp_path: Path, sound: NDArray[np.float32], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        references(tmp_path, sound.astype(np.float32))


def test_the_recording_that_is_refused_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="the reference 2 is silent"):
        references(tmp_path, SOUND, np.zeros(len(SOUND), np.float32))


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("Hello")
    with pytest.raises(MediaUnreadable, match="give a whole WAV, FLAC, OGG or MP3 file"):
        read_references([tmp_path / "text.wav"], OnePerson())


def people(*windows: int, spread: float = 0.5) -> NDArray[np.float64]:
    """Returns windows of several people, as many of each as given."""
    voices = [np.eye(256)[person] for person, count in enumerate(windows) for _ in range(count)]
    noisy = np.array(voices) + spread * np.abs(RANDOM.normal(0, 1 / 16, (len(voices), 256)))
    return noisy / np.linalg.norm(noisy, axis=1, keepdims=True)


def test_one_person_differs_from_itself_by_little() -> None:
    check_one_person(people(12))
    check_one_person(people(2))


@pytest.mark.parametrize("windows", [(6, 6), (3, 9), (12, 3), (4, 4, 4)])
def test_several_people_are_refused(windows: tuple[int, ...]) -> None:
    assert least_unity(people(*windows)) < 0.5
    with pytest.raises(InvalidArgument, match=r"several people .* alike by 0\.\d\d, and .* 0\.79 at least"):
        check_one_person(people(*windows))
