"""Converts recordings that engines cannot read as they are to FLAC, without loss."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from services.gateway.assets.decoding import decoding
from services.gateway.assets.media import MediaLimits, check_seconds
from services.gateway.assets.probe_sound import MIN_RATE
from services.gateway.assets.recording_file import open_recording

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

FLAC = "audio/flac"
_LOW_RATE = 16_000
"""Sample rate of what was sampled too low for engines."""


def write_flac(source: Path, target: Path, limits: MediaLimits) -> None:
    """Writes the first audio stream of `source`, at its own rate if engines take that. Blocking.

    Raises `AssetRefused` for a recording that cannot be decoded to its end, or is longer than it claims.
    """
    with decoding("audio"):
        _transcode(source, target, limits)


def _transcode(source: Path, target: Path, limits: MediaLimits) -> None:
    with (
        open_recording(source) as recording,
        av.open(str(target), "w", format="flac") as output,
    ):
        heard = recording.streams.audio[0]
        heard.codec_context.thread_count = 1
        rate = heard.rate if heard.rate >= MIN_RATE else _LOW_RATE
        written = output.add_stream("flac", rate=rate)
        written.codec_context.layout = heard.layout
        for frame in _resampled(_decoded(recording, heard, limits), heard.layout, rate):
            output.mux(written.encode(frame))
        output.mux(written.encode(None))


def _decoded(recording: InputContainer, heard: AudioStream, limits: MediaLimits) -> Iterator[AudioFrame]:
    seconds = 0.0
    for frame in recording.decode(heard):
        seconds += frame.samples / frame.sample_rate
        check_seconds("audio", seconds, limits)
        yield frame


def _resampled(frames: Iterator[AudioFrame], layout: AudioLayout, rate: int) -> Iterator[AudioFrame]:
    """Yields the frames in 16 bits, at one rate and with one layout.

    A stream may change its own from one frame to the next, as that of a radio station does.
    """
    resampler, present = None, None
    for frame in frames:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or found != present:
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, present = AudioResampler(format="s16", layout=layout, rate=rate), found
        frame.pts = None  # where one resampler ends, the next begins
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)
