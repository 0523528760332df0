"""Encodes speech while it is being spoken. Blocking: run it off the event loop."""

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

import struct
from typing import Protocol

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from services.gateway.speech.formats import PLAIN, AudioTarget

_UNKNOWN_LENGTH = 0xFFFFFFFF


class SpeechEncoder(Protocol):
    """Encodes mono 16-bit little-endian samples to bytes of a format."""

    def encode(self, pcm: bytes) -> bytes:
        """Returns the bytes that are complete after these samples, which may be none."""
        ...

    def finish(self) -> bytes:
        """Returns the rest of the file."""
        ...


def build_encoder(target: AudioTarget, sample_rate: int) -> SpeechEncoder:
    """Returns an encoder to the target. `sample_rate` is that of the samples that will be encoded."""
    kind = PlainEncoder if target.container in PLAIN else ContainerEncoder
    return kind(target, sample_rate)


class PlainEncoder:
    """Writes raw samples, after a WAV header of unknown length if the target is WAV."""

    def __init__(self, target: AudioTarget, sample_rate: int) -> None:
        self._frames = FrameMaker(sample_rate, target.rate, "s16")
        self._header = wav_header(target.rate) if target.container == "wav" else b""

    def encode(self, pcm: bytes) -> bytes:
        return self._take_header() + samples_of(self._frames.frames(pcm))

    def finish(self) -> bytes:
        return self._take_header() + samples_of(self._frames.flush())

    def _take_header(self) -> bytes:
        header, self._header = self._header, b""
        return header


class ContainerEncoder:
    """Writes a compressed stream without seeking back."""

    def __init__(self, target: AudioTarget, sample_rate: int) -> None:
        self._sink = ByteSink()
        self._container = av.open(self._sink, "w", format=target.container, options=dict(target.options))
        stream = self._container.add_stream(target.codec, rate=target.rate)
        if not isinstance(stream, AudioStream):
            raise TypeError(f"{target.codec} is no audio codec")
        stream.codec_context.layout = "mono"
        stream.codec_context.format = _sample_format(stream)
        if target.bit_rate is not None:
            stream.codec_context.bit_rate = target.bit_rate
        self._stream = stream
        self._frames = FrameMaker(sample_rate, target.rate, stream.codec_context.format.name)

    def encode(self, pcm: bytes) -> bytes:
        self._mux(self._frames.frames(pcm))
        return self._sink.take()

    def finish(self) -> bytes:
        self._mux(self._frames.flush())
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._sink.take()

    def _mux(self, frames: list[av.AudioFrame]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


class FrameMaker:
    """Makes frames of one rate and sample format from samples of another."""

    def __init__(self, source_rate: int, rate: int, sample_format: str) -> None:
        self._source_rate = source_rate
        self._resampler = AudioResampler(format=sample_format, layout="mono", rate=rate)

    def frames(self, pcm: bytes) -> list[av.AudioFrame]:
        if not pcm:
            return []
        import numpy as np  # here: it would take a tenth of the gateway's start

        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, dtype="<i2").reshape(1, -1), "s16", "mono")
        frame.sample_rate = self._source_rate
        return self._resampler.resample(frame)

    def flush(self) -> list[av.AudioFrame]:
        return self._resampler.resample(None)


class ByteSink:
    """A file that can only be appended to."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def samples_of(frames: list[av.AudioFrame]) -> bytes:
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


def wav_header(rate: int) -> bytes:
    """Returns the header of a mono 16-bit stream whose length is not known yet."""
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    data = struct.pack("<4sI", b"data", _UNKNOWN_LENGTH)
    return struct.pack("<4sI4s", b"RIFF", _UNKNOWN_LENGTH, b"WAVE") + layout + data


def _sample_format(stream: AudioStream) -> av.AudioFormat:
    formats = stream.codec_context.codec.audio_formats
    return formats[0] if formats else av.AudioFormat("s16")
