"""Bounds of the media that engines decode. They are applied while decoding: a header is a claim."""

from fractions import Fraction
from pathlib import Path
from struct import unpack

from services.chassis.errors import InvalidArgument, MediaUnreadable

MAX_SIDE = 16_384
MAX_ASPECT = 10
MAX_CHANNELS = 8
MAX_SAMPLE_RATE = 192_000
MAX_VIDEO_SIDE = 8192
MAX_FRAME_RATE = 240
MAX_SAMPLES = 48_000 * 3600
"""Number of samples of one channel in an hour at 48 kHz."""

_OGG_PAGE, _FIRST_PAGE_OF_A_STREAM = b"OggS", 0x02
_OGG_HEADER_BYTES = 27


def check_picture(what: str, width: int, height: int, max_pixels: int) -> None:
    """Raises `InvalidArgument` for a picture that is too large or too long for its width."""
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise InvalidArgument(
            f"The {what} has {width}x{height} pixels; at most {max_pixels:,} fit, "
            f"and {MAX_SIDE:,} on a side. Send a smaller picture."
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise InvalidArgument(
            f"The {what} has {width}x{height} pixels: one side is more than {MAX_ASPECT} times the other. "
            "Cut out the part around the face and send that."
        )


def check_video(what: str, width: int, height: int, frame_rate: Fraction) -> None:
    """Raises `InvalidArgument` for a video of a size or a frame rate that no player shows."""
    if max(width, height) > MAX_VIDEO_SIDE:
        raise InvalidArgument(
            f"The {what} has {width}x{height} pixels; at most {MAX_VIDEO_SIDE:,} on a side fit."
        )
    if frame_rate > MAX_FRAME_RATE:
        raise InvalidArgument(
            f"The {what} has {float(frame_rate):g} frames a second; at most {MAX_FRAME_RATE} fit."
        )


def check_sound_format(what: str, rate: int, channels: int) -> None:
    """Raises `MediaUnreadable` for a sample rate or a number of channels that no recording has."""
    if rate > MAX_SAMPLE_RATE:
        raise MediaUnreadable(f"the {what} is sampled at {rate:,} Hz: give {MAX_SAMPLE_RATE:,} Hz or less")
    if channels > MAX_CHANNELS:
        raise MediaUnreadable(f"the {what} has {channels} channels: give {MAX_CHANNELS} or fewer")


def check_one_recording(what: str, path: Path) -> None:
    """Raises `MediaUnreadable` for an Ogg file with several recordings one after the other.

    Decoders disagree about its length: some read the first recording only.
    """
    with path.open("rb") as file:
        within = False
        while len(header := file.read(_OGG_HEADER_BYTES)) == _OGG_HEADER_BYTES:
            magic, flags, segments = unpack("<4sxB20xB", header)
            if magic != _OGG_PAGE:
                return
            first = bool(flags & _FIRST_PAGE_OF_A_STREAM)
            if within and first:
                raise MediaUnreadable(
                    f"the {what} holds several recordings one after the other: export it as one and send that"
                )
            within = not first
            file.seek(sum(file.read(segments)), 1)


class SampleCounter:
    """Counts the samples of one channel while they are decoded."""

    def __init__(self, what: str, limit: int = MAX_SAMPLES) -> None:
        self._what = what
        self._limit = limit
        self.samples = 0

    def add(self, samples: int) -> None:
        """Counts a block. Raises `InvalidArgument` when there are more than `limit` samples in all."""
        self.samples += samples
        if self.samples > self._limit:
            minutes = self._limit / 48_000 / 60
            raise InvalidArgument(
                f"the {self._what} has more than {self._limit:,} samples, which are {minutes:g} minutes "
                "at 48 kHz: give it in parts, or at a lower sample rate"
            )
