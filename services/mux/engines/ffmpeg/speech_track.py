"""Writes the speech of all scenes into one audio track."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from services.mux.engines.ffmpeg.media import decode_speech
from services.mux.engines.ffmpeg.plan import SAMPLE_RATE, TrackPart

Samples = NDArray[np.float32]
BLOCK = SAMPLE_RATE
AUDIBLE = 0.01
# Stereo, so that the loudness measured is the loudness heard: players send mono to both speakers,
# 3 LU louder than it measures, and some editors put it on the left one alone.
SPEAKERS = 2


@dataclass(frozen=True, slots=True)
class SpeechTrack:
    """A track on disk. `onset_seconds` is when something is first heard; `None` if it is silent."""

    path: Path
    onset_seconds: float | None


def write_speech_track(
    target: Path, speeches: Iterable[Path | None], sample_counts: list[int], delay_seconds: float
) -> SpeechTrack:
    """Writes a stereo WAV of exactly `sum(sample_counts)` samples at 48 kHz, the same on both sides.

    The delay moves the whole track against the picture: what it pushes over either end is lost, and
    what it pushes over the end of a scene is heard in the next.
    """
    blocks = (block for pair in zip(speeches, sample_counts, strict=True) for block in _scene(*pair))
    written, onset = 0, None
    with soundfile.SoundFile(target, "w", SAMPLE_RATE, SPEAKERS, "FLOAT", format="WAV") as track:
        for block in fitted(shifted(blocks, round(delay_seconds * SAMPLE_RATE)), sum(sample_counts)):
            track.write(np.stack([block] * SPEAKERS, axis=1))
            if onset is None and (heard := np.flatnonzero(np.abs(block) > AUDIBLE)).size:
                onset = (written + int(heard[0])) / SAMPLE_RATE
            written += block.size
    return SpeechTrack(target, onset)


def write_mono_track(target: Path, parts: Iterable[TrackPart]) -> Iterator[int]:
    """Writes a mono file at 48 kHz, and yields after each block the number of samples written so far."""
    written = 0
    # RF64: a plain WAV ends at 4 GiB.
    with soundfile.SoundFile(target, "w", SAMPLE_RATE, 1, "FLOAT", format="RF64") as track:
        for block in (block for part in parts for block in _scene(part.speech, part.samples)):
            track.write(block)
            written += block.size
            yield written


def _scene(speech: Path | None, count: int) -> Iterator[Samples]:
    return fitted(decode_speech(speech) if speech else (), count)


def shifted(blocks: Iterable[Samples], offset: int) -> Iterator[Samples]:
    """Puts `offset` samples of silence in front, or leaves out the first `-offset` samples."""
    yield from _silence(offset)
    surplus = max(-offset, 0)
    for block in blocks:
        yield block[surplus:]
        surplus -= min(surplus, block.size)


def fitted(blocks: Iterable[Samples], count: int) -> Iterator[Samples]:
    """Cuts, or fills up with silence, to `count` samples."""
    for block in blocks:
        if count <= 0:
            return
        yield block[:count]
        count -= min(count, block.size)
    yield from _silence(count)


def _silence(count: int) -> Iterator[Samples]:
    for start in range(0, max(count, 0), BLOCK):
        yield np.zeros(min(BLOCK, count - start), np.float32)
