"""Mixes the channels of a recording into the one that is heard, with the weights of FFmpeg."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Channels = tuple[str, ...]
"""Names of the channels of a recording, in order: `FL` is the front left one, `LFE` that of low effects."""

_SIDE, _SURROUND = 0.5**0.5, 0.5
_WEIGHTS = {
    "FC": 1.0,
    **dict.fromkeys(("FL", "FR", "FLC", "FRC", "DL", "DR"), _SIDE),
    **dict.fromkeys(("BL", "BR", "BC", "SL", "SR"), _SURROUND),
}
_NOT_TOLD = "NONE"
_SURROUND_CHANNELS = 6
_BLOCK_SAMPLES = 1 << 14
_CANCELS = 0.1
"""Share of the power of the channels in their sum below which they cancel each other out."""


def channels_of(frame: AudioFrame) -> Channels:
    return tuple(channel.name for channel in frame.layout.channels)


def planes(frame: AudioFrame) -> Samples:
    """Returns the samples of each channel, from -1 to 1, of shape (channels, samples)."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, len(frame.layout.channels)).T
    kind, bits = samples.dtype.kind, 8 * samples.dtype.itemsize
    floats = samples.astype(np.float32, copy=False)
    if kind == "f":
        return floats
    full_scale = np.float32(1 << bits - 1)
    return floats / full_scale - np.float32(kind == "u")


def weights_of(channels: Channels) -> Samples:
    """Returns the weight of each channel in the mix, all of them 1 in sum.

    Names are not told by plain WAV files: from six channels on they are taken for surround, of which one is
    that of low effects, as FFmpeg does; fewer are mixed evenly, so that none is lost.
    """
    if _NOT_TOLD in channels and len(channels) >= _SURROUND_CHANNELS:
        channels = tuple(channel.name for channel in av.AudioLayout(_default_layout(len(channels))).channels)
    weights = np.array([_WEIGHTS.get(name, 0.0) for name in channels], np.float32)
    if _NOT_TOLD in channels or not weights.any():
        weights = np.ones(len(channels), np.float32)
    return weights / weights.sum()


def _default_layout(channels: int) -> str:
    return {6: "5.1", 7: "6.1", 8: "7.1"}[channels]


@dataclass(frozen=True, slots=True)
class Block:
    """Samples of each channel, of shape (channels, samples), and their rate."""

    channels: Channels
    rate: int
    samples: Samples


def blocks_of(frames: Iterable[AudioFrame]) -> Iterator[Block]:
    """Yields the sound of frames, some of one format at a time: each alone would take long."""
    for (channels, rate), alike in groupby(frames, lambda frame: (channels_of(frame), frame.sample_rate)):
        several: list[Samples] = []
        held = 0
        for frame in alike:
            several.append(planes(frame))
            held += frame.samples
            if held >= _BLOCK_SAMPLES:
                yield Block(channels, rate, np.concatenate(several, axis=1))
                several, held = [], 0
        if several:
            yield Block(channels, rate, np.concatenate(several, axis=1))


class ChannelMixer:
    """Mixes blocks. Those that were measured before decide whether the channels cancel each other out, as
    they do where one of two is inverted: then the loudest is used alone."""

    def __init__(self) -> None:
        self._powers: dict[Channels, tuple[NDArray[np.float64], float]] = {}
        self._weights: dict[Channels, Samples] = {}

    def measure(self, channels: Channels, block: Samples) -> None:
        """Notes a block of shape (channels, samples)."""
        if len(channels) == 1:
            return
        weights = weights_of(channels)
        each, mixed = self._powers.get(channels, (np.zeros(len(channels)), 0.0))
        weighted = block * weights[:, None]
        each = each + np.square(weighted, dtype=np.float64).sum(axis=1)
        mixed += float(np.square(weighted.sum(axis=0), dtype=np.float64).sum())
        self._powers[channels] = each, mixed
        self._weights.pop(channels, None)

    def mixed(self, channels: Channels, block: Samples) -> Samples:
        """Returns the mix of a block of shape (channels, samples)."""
        if len(channels) == 1:
            return block[0]
        if channels not in self._weights:
            self._weights[channels] = self._chosen(channels)
        return (block * self._weights[channels][:, None]).sum(axis=0)

    def _chosen(self, channels: Channels) -> Samples:
        weights = weights_of(channels)
        each, mixed = self._powers.get(channels, (np.zeros(len(channels)), 0.0))
        if mixed >= _CANCELS * each.sum():
            return weights
        return np.eye(len(channels), dtype=np.float32)[int(each.argmax())]
