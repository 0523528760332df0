"""Reads recordings as they are heard: every service follows the same samples."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from services.chassis.engine_api.media_bounds import (
    MAX_SAMPLES,
    SampleCounter,
    check_one_recording,
    check_sound_format,
)
from services.chassis.errors import MediaUnreadable
from services.chassis.sound.mix import ChannelMixer, Samples, blocks_of

# A file's content must not make FFmpeg open other files or addresses, as playlists do.
_SAFE_INPUT = {
    "protocol_whitelist": "file",
    "format_whitelist": "wav,mp3,flac,ogg",
}

_COUNTED = frozenset({"flac", "wav"})
"""Containers that count their samples; of others FFmpeg estimates the length."""


@dataclass(frozen=True, slots=True)
class HeardSound:
    """A recording in a file, of at most `max_samples`. `rate` is its sample rate; `what` is how messages call
    it."""

    what: str
    path: Path
    rate: int
    mixer: ChannelMixer
    max_samples: int

    def blocks(self) -> Iterator[Samples]:
        """Yields the mix of all channels, from -1 to 1, as float32 of shape (n,).

        Raises `MediaUnreadable` for a file that is damaged or whose format changes midway, `InvalidArgument`
        when more than `max_samples` are decoded.
        """
        for block in blocks_of(_frames(self.what, self.path, self.max_samples)):
            yield self.mixer.mixed(block.channels, block.samples)


def open_sound(what: str, path: Path, max_samples: int = MAX_SAMPLES, *, seconds: float = inf) -> HeardSound:
    """Returns the recording. One of several channels is decoded, to see whether these cancel each other out:
    no more of it than `seconds`, where no more is wanted.

    Raises `MediaUnreadable` for a file that is missing, is no audio or is unlike any recording,
    `InvalidArgument` for more than `max_samples`.
    """
    with _opened(what, path) as (container, stream):
        rate, channels = stream.rate, stream.codec_context.channels
        if seconds == inf and container.format.name in _COUNTED and stream.duration and stream.time_base:
            # Decoding up to the bound takes as long as an engine may take for a whole request.
            SampleCounter(what, max_samples).add(round(stream.duration * stream.time_base * rate))
    mixer = ChannelMixer()
    if channels > 1:
        measured = 0
        for block in blocks_of(_frames(what, path, max_samples)):
            mixer.measure(block.channels, block.samples)
            measured += block.samples.shape[1]
            if measured >= seconds * rate:
                break
    return HeardSound(what, path, rate, mixer, max_samples)


def _frames(what: str, path: Path, max_samples: int) -> Iterator[AudioFrame]:
    counter = SampleCounter(what, max_samples)
    with _opened(what, path) as (container, stream):
        rate, channels = stream.rate, stream.codec_context.channels
        for frame in container.decode(stream):
            if (frame.sample_rate, len(frame.layout.channels)) != (rate, channels):
                raise MediaUnreadable(
                    f"the format of the {what} changes midway: export it as one and send that"
                )
            counter.add(frame.samples)
            yield frame


@contextmanager
def _opened(what: str, path: Path) -> Generator[tuple[InputContainer, AudioStream]]:
    try:
        check_one_recording(what, path)
        with av.open(str(path), options=_SAFE_INPUT, metadata_errors="replace") as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None or cast(object | None, stream.codec_context) is None:
                raise MediaUnreadable(f"the {what} has no sound: give a recording of speech")
            check_sound_format(what, stream.rate, stream.codec_context.channels)
            stream.codec_context.thread_count = 1
            yield container, stream
    except (FFmpegError, OSError) as error:
        raise MediaUnreadable(
            f"the {what} is not readable audio: give a whole WAV, FLAC, OGG or MP3 file"
        ) from error
