"""Converts recordings that services cannot read as they are to FLAC, as they are heard."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from services.chassis.sound.mix import Samples, blocks_of
from services.gateway.assets.decoding import decoding
from services.gateway.assets.measured_sound import MeasuredSound, decoded
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probe_sound import MAX_KEPT_RATE, MIN_RATE
from services.gateway.assets.recording_file import open_parts

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

FLAC = "audio/flac"
_LOW_RATE = 16_000
"""Sample rate of what was sampled too low for engines."""


def write_flac(source: Path, target: Path, limits: MediaLimits) -> float:
    """Writes the first audio stream of `source` in one channel, at its own rate if engines take that.
    Blocking. Returns its seconds.

    It is decoded twice: first to its end, to know whether it is refused, and how its channels are mixed.
    Raises `AssetRefused` for a recording of which too much is missing, or that is too long or too short.
    """
    with decoding("audio"):
        heard = MeasuredSound(limits)
        for recording in open_parts(source):
            heard.measure(recording)
        heard.check()
        return _write(heard, source, target)


def _write(heard: MeasuredSound, source: Path, target: Path) -> float:
    blocks = _mixed(heard, source)
    first = next(blocks)
    rate = min(first[1], MAX_KEPT_RATE) if first[1] >= MIN_RATE else _LOW_RATE
    samples = 0
    with av.open(str(target), "w", format="flac") as output:
        written = output.add_stream("flac", rate=rate)
        written.codec_context.layout = "mono"
        for frame in _resampled(chain([first], blocks), rate):
            samples += frame.samples
            output.mux(written.encode(frame))
        output.mux(written.encode(None))
    return samples / rate


def _mixed(heard: MeasuredSound, source: Path) -> Iterator[tuple[Samples, int]]:
    """Yields what is heard, and its sample rate."""
    for recording in open_parts(source):
        for block in blocks_of(frame for frame in decoded(recording) if frame is not None):
            yield heard.mixed(block), block.rate


def _resampled(blocks: Iterable[tuple[Samples, int]], rate: int) -> Iterator[AudioFrame]:
    """Yields frames in 16 bits and at one rate.

    A stream may change its own from one frame to the next, as that of a radio station does.
    """
    resampler, present = None, None
    for block, found in blocks:
        if resampler is None or found != present:
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, present = AudioResampler(format="s16", layout="mono", rate=rate), found
        frame = AudioFrame.from_ndarray(block[None], format="flt", layout="mono")
        frame.sample_rate = found
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)
