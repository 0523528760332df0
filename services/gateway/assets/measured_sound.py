"""Decodes recordings to their end, and measures what is heard and what is wrong with them."""

from collections.abc import Iterator

import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.error import InvalidDataError

from services.chassis.sound.mix import Block, ChannelMixer, Samples, blocks_of
from services.gateway.assets.errors import AssetRefused, corrupt
from services.gateway.assets.media import MediaLimits, check_seconds

# PyAV's own stubs leave types open.
# pyright: reportUnknownMemberType=false

MIN_SECONDS = 0.1
_MAX_LOST = 0.02
"""Share of a recording that may be damaged: players leave that out, too."""
_MAX_NO_NUMBERS = 0.5
_OVERSHOOT = 2.0
"""Peak that decoders of lossy codecs reach with sound of full scale, and more."""
_ROUNDED_SECONDS = 0.1
"""Difference between the length that a file says and that of its sound which has no meaning."""


def decoded(recording: InputContainer) -> Iterator[AudioFrame | None]:
    """Yields the frames of the first audio stream, and `None` for a packet that is damaged."""
    stream = recording.streams.audio[0]
    stream.codec_context.thread_count = 1
    if stream.codec_context.codec.canonical_name == "flac":  # it would fill damaged frames with others
        stream.codec_context.options = {"err_detect": "crccheck+explode"}
    for packet in recording.demux(stream):
        try:
            frames = packet.decode()
        except InvalidDataError:
            yield None
            continue
        for frame in frames:
            assert isinstance(frame, AudioFrame)
            yield frame


class MeasuredSound:
    """The sound of a recording, or of several that were joined, as far as it was measured."""

    def __init__(self, limits: MediaLimits) -> None:
        self._limits = limits
        self._mixer = ChannelMixer()
        self._formats: set[tuple[object, ...]] = set()
        self._frames = self._lost = 0
        self._cut_off = False
        self._values = self._no_numbers = 0
        self._declared = 0.0
        self._has_gaps = False
        self._peak = 0.0
        self.seconds = 0.0

    @property
    def clean(self) -> bool:
        """Returns whether every reader hears the same as was decoded, of the length that the file says."""
        said = not self._declared or abs(self._declared - self.seconds) <= _ROUNDED_SECONDS
        whole = not self._lost and not self._no_numbers and len(self._formats) == 1
        return said and whole and self._peak <= _OVERSHOOT

    def measure(self, recording: InputContainer) -> None:
        """Decodes a recording. Raises `AssetRefused` if it lasts longer than recordings may."""
        stream = recording.streams.audio[0]
        declared = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        self._declared += declared
        before = self.seconds
        for block in blocks_of(self._counted(recording)):
            finite = np.isfinite(block.samples)
            self._values += block.samples.size
            self._no_numbers += block.samples.size - int(np.count_nonzero(finite))
            samples = _without_odd_numbers(block.samples)
            self._peak = max(self._peak, float(np.abs(samples).max(initial=0.0)))
            self._mixer.measure(block.channels, samples)
        if recording.format.name == "flac":  # its head declares the exact number of samples
            self._has_gaps |= self.seconds - before < declared - 1 / stream.rate

    def _counted(self, recording: InputContainer) -> Iterator[AudioFrame]:
        for frame in decoded(recording):
            self._frames += 1
            self._cut_off = frame is None
            if frame is None:
                self._lost += 1
                continue
            self._formats.add((frame.format.name, frame.layout.name, frame.sample_rate))
            self.seconds += frame.samples / frame.sample_rate
            check_seconds("audio", self.seconds, self._limits)
            yield frame

    def check(self) -> None:
        """Raises `AssetRefused` for a recording of which too much is missing, or that is too short."""
        lost = self._lost - self._cut_off  # the last packet is whole only by chance where a file is cut off
        if not self.seconds or self._has_gaps or lost > _MAX_LOST * self._frames:
            raise corrupt("audio")
        if self._no_numbers > _MAX_NO_NUMBERS * self._values:
            message = (
                "The samples of the audio are no numbers (NaN or infinite). Export it again and send that."
            )
            raise AssetRefused(422, "audio_corrupt", message)
        check_long_enough(self.seconds)

    def mixed(self, block: Block) -> Samples:
        """Returns what is heard of a block of this recording, within -1 and 1."""
        mix = self._mixer.mixed(block.channels, _without_odd_numbers(block.samples))
        return mix / np.float32(max(1.0, self._peak))


def check_long_enough(seconds: float) -> None:
    """Raises `AssetRefused` for a recording that is shorter than a sound of speech."""
    if seconds < MIN_SECONDS:
        message = f"The audio lasts {seconds:.3f} seconds, and {MIN_SECONDS:g} are needed. Send a longer one."
        raise AssetRefused(422, "audio_too_short", message)


def _without_odd_numbers(samples: Samples) -> Samples:
    """Returns the samples with silence in place of what is no number."""
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
