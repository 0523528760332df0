"""Writes the frames as H.264."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
import numpy.typing as npt
from av.video.stream import VideoStream

_SMPTE170M, _BT709, _LIMITED_RANGE = 6, 1, 1


class Film:
    """A silent MP4: H.264, yuv420p, constant rate, BT.601 colours and tagged so.

    A context manager: without an error in the block, the file is whole afterwards.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        self._stream = self._add_stream(size, Fraction(fps).limit_denominator(1001))
        self._frames = 0

    def _add_stream(self, size: tuple[int, int], rate: Fraction) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.colorspace, codec.color_range = _SMPTE170M, _LIMITED_RANGE
        codec.color_primaries = codec.color_trc = _BT709
        return stream

    def __enter__(self) -> "Film":
        return self

    def append(self, i420: npt.NDArray[np.uint8]) -> None:
        """`i420` is (height * 3 / 2, width); it is copied."""
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        frame.pts = self._frames
        self._frames += 1
        self._container.mux(self._stream.encode(frame))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
