"""Measures how loud the speech is at each frame, and moves the lips by it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.chassis.errors import MediaUnreadable
from services.chassis.sound.heard import open_sound
from services.video.engines.puppet.geometry.types import Array, Track
from services.video.engines.puppet.mouth.lip_pose import COLUMNS

QUIET_DB = -38.0
MIN_PEAK = 1e-4
SMOOTHING_SECONDS = 0.05
SYLLABLE_FLOOR = 0.4
HISS_CROSSINGS_PER_SECOND = 5000.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness of speech, one value a frame.

    `level` is 0 for silence and 1 for the loud parts of this speech. `hiss` is 0 for voiced sounds and 1 for
    sharp ones such as /s/.
    """

    level: Array
    hiss: Array


def audio_seconds(path: Path) -> float:
    """Returns the length of the audio that is decoded, whatever its header claims.

    Raises `MediaUnreadable` for what is no audio, `InvalidArgument` for too many samples.
    """
    sound = open_sound("speech", path)
    return sum(len(block) for block in sound.blocks()) / sound.rate


def loudness_of(path: Path, frames: int, fps: float) -> Loudness:
    """Measures the audio block by block; frames after its end are silent.

    Raises `MediaUnreadable` for what is no audio, or whose samples are no numbers.
    """
    sound = open_sound("speech", path)
    ends = [round((index + 1) / fps * sound.rate) for index in range(frames)]
    power, crossings = np.zeros(frames), np.zeros(frames)
    for index, block in enumerate(_cut(sound.blocks(), ends)):
        power[index] = float(np.mean(np.square(block, dtype=np.float64)))
        crossings[index] = np.count_nonzero(np.diff(np.signbit(block))) * fps
    if not np.isfinite(power).all():
        raise _unreadable()
    smoothed = _smoothed(np.sqrt(power), fps)
    hiss = np.clip(crossings / HISS_CROSSINGS_PER_SECOND - 0.4, 0, 1).astype(np.float32)
    return Loudness(_level(smoothed), hiss)


def _cut(blocks: Iterable[Array], ends: Iterable[int]) -> Iterator[Array]:
    """Yields what stands before each end, as far as there is anything."""
    rest, start, left = np.zeros(0, np.float32), 0, iter(blocks)
    for end in ends:
        while len(rest) < end - start and (block := next(left, None)) is not None:
            rest = np.concatenate([rest, block])
        if not len(rest):
            return
        yield rest[: end - start]
        rest, start = rest[end - start :], end


def shaped_by(track: Track, loudness: Loudness) -> Track:
    """Returns the track with emphasis opening wider; what is silent for long is closed."""
    amplitude = np.where(_loudest_nearby(loudness.level) < 0.02, 0.0, 0.64 + 0.46 * loudness.level)
    shaped = track.copy()
    for name in ("open", "jaw"):
        shaped[:, COLUMNS[name]] *= amplitude
    return shaped


def track_from_loudness(loudness: Loudness, seed: int) -> Track:
    """Returns lips for speech whose sounds are not known: loud opens, hiss shows the teeth, shapes wander."""
    frames = len(loudness.level)
    wander = _wander(frames, seed)
    # Between syllables the level only dips; the lips must nearly meet there.
    syllables = np.clip((loudness.level - SYLLABLE_FLOOR) / (1 - SYLLABLE_FLOOR), 0, 1.2)
    voiced = syllables * (1 - loudness.hiss)
    track = np.zeros((frames, len(COLUMNS)), dtype=np.float32)
    track[:, COLUMNS["open"]] = 0.27 * voiced + 0.09 * loudness.hiss * loudness.level
    track[:, COLUMNS["jaw"]] = 0.18 * voiced + 0.02 * loudness.hiss * loudness.level
    track[:, COLUMNS["width"]] = np.where(wander > 0, 0.09, 0.22) * wander * loudness.level
    track[:, COLUMNS["round"]] = np.clip(-wander, 0, 1) * 0.8 * loudness.level
    track[:, COLUMNS["tongue"]] = 0.3 * loudness.level
    return _eased(track)


def _eased(track: Track) -> Track:
    """Adds to half of each frame a quarter of the frames beside it, because lips are slower than sound."""
    padded = np.pad(track, ((1, 1), (0, 0)), mode="edge")
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]


def _level(rms: Array) -> Array:
    loud = float(np.percentile(rms[rms > 0], 92)) if (rms > 0).any() else 0.0
    if loud < MIN_PEAK:
        return np.zeros(len(rms), dtype=np.float32)
    decibels = 20 * np.log10(np.maximum(rms / loud, 1e-6))
    audible = np.clip((decibels - QUIET_DB) / 10, 0, 1)
    return (audible * np.clip(rms / loud, 0, 1.25) ** 0.6).astype(np.float32)


def _loudest_nearby(level: Array) -> Array:
    """Returns the highest level within two frames: a stop's silence between two sounds is no pause."""
    padded = np.pad(level, 2)
    return np.max([padded[shift : shift + len(level)] for shift in range(5)], axis=0)


def _smoothed(values: npt.NDArray[np.float64], fps: float) -> Array:
    half = max(1, round(SMOOTHING_SECONDS * fps))
    kernel = np.hanning(2 * half + 1)
    whole = np.asarray(np.convolve(values, kernel / kernel.sum(), mode="full"), dtype=np.float64)
    return whole[half : half + len(values)]


def _wander(frames: int, seed: int) -> Array:
    """Returns a slow random walk between -1 and 1, with a new place about every six frames."""
    places = np.random.default_rng(seed).uniform(-1, 1, frames // 6 + 2)
    return np.interp(np.arange(frames) / 6, np.arange(len(places)), places).astype(np.float32)


def _unreadable() -> MediaUnreadable:
    return MediaUnreadable("The speech cannot be read as audio. Send a whole WAV or FLAC file.")
