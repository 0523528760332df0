"""Encodes frames into a video file."""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.stream import VideoStream

from services.chassis.engine_api.video_format import VideoFormat
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.types import Plane, Size

_SMPTE170M, _BT709, _LIMITED_RANGE = 6, 1, 1
FRAME_BUFFERS = 3
ENCODER_THREADS = 3


@dataclass(frozen=True, slots=True)
class Encoding:
    """Container, codec, pixel format and options of a video format."""

    container: str
    codec: str
    pixel_format: str
    options: Mapping[str, str]


ENCODINGS = {
    VideoFormat.MP4: Encoding("mp4", "libx264", "yuv420p", {"preset": "veryfast", "crf": "20"}),
    VideoFormat.PRORES_4444: Encoding(
        "mov", "prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}
    ),
    VideoFormat.VP9_ALPHA: Encoding(
        "webm",
        "libvpx-vp9",
        "yuva420p",
        # Frames that are never shown, which are usual in VP9, cannot have an opacity.
        {"deadline": "realtime", "cpu-used": "6", "crf": "24", "b": "0", "auto-alt-ref": "0"},
    ),
}


class VideoWriter:
    """Writes a silent video of a constant rate, in BT.601 colours and tagged so.

    A context manager: without an error in the block, the file is whole afterwards. A thread of its own
    encodes one frame while the next is drawn.
    """

    def __init__(
        self, path: Path, still: Planes, fps: float, video_format: VideoFormat = VideoFormat.MP4
    ) -> None:
        """Opens the file. Every frame shows `still` before something is drawn on it.

        A format with opacity takes it from `still`, which must have one then.
        """
        self._encoding_as = ENCODINGS[video_format]
        self._container = av.open(str(path), "w", format=self._encoding_as.container)
        self._stream = self._add_stream(still.size, Fraction(fps).limit_denominator(1001))
        self._frames = [_blank(still) for _ in range(FRAME_BUFFERS)]
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="video-writer")
        self._encoding: deque[Future[None]] = deque()
        self._count = 0

    def _add_stream(self, size: Size, rate: Fraction) -> VideoStream:
        encoding = self._encoding_as
        stream = self._container.add_stream(  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
            encoding.codec, rate=rate, options=dict(encoding.options)
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = encoding.pixel_format
        codec = stream.codec_context
        # The number of threads shows in the result: a fixed one gives the same on any machine.
        codec.thread_count = ENCODER_THREADS
        codec.colorspace, codec.color_range = _SMPTE170M, _LIMITED_RANGE
        codec.color_primaries = codec.color_trc = _BT709
        return stream

    def __enter__(self) -> "VideoWriter":
        return self

    def next_frame(self) -> Planes:
        """Returns the frame to draw on next: it shows the one from `FRAME_BUFFERS` frames before."""
        if len(self._encoding) == FRAME_BUFFERS:
            self._encoding.popleft().result()
        return _planes(self._frames[self._count % FRAME_BUFFERS])

    def append(self) -> None:
        """Hands the drawn frame to the encoder."""
        self._encoding.append(self._encoder.submit(self._encode, self._count))
        self._count += 1

    def _encode(self, number: int) -> None:
        # Encoders copy what they are given, so that the frame is free again afterwards.
        frame = self._frames[number % FRAME_BUFFERS]
        if frame.format.name != self._encoding_as.pixel_format:
            frame = frame.reformat(format=self._encoding_as.pixel_format)
        frame.pts = number
        self._mux(frame)

    def _mux(self, frame: av.VideoFrame | None) -> None:
        """Encodes a frame and writes the packets that are ready; `None` flushes the encoder."""
        # PyAV's stubs leave open which stream a packet is of.
        self._container.mux(self._stream.encode(frame))  # pyright: ignore[reportUnknownMemberType]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._encoder.shutdown()
        try:
            if kind is None:
                for encoded in self._encoding:
                    encoded.result()
                self._mux(None)
        finally:
            self._container.close()


def _blank(still: Planes) -> av.VideoFrame:
    frame = av.VideoFrame(*still.size, "yuv420p" if still.opacity is None else "yuva420p")
    _planes(frame).fill(still)
    return frame


def _planes(frame: av.VideoFrame) -> Planes:
    return Planes(*(_pixels(plane) for plane in frame.planes))


def _pixels(plane: VideoPlane) -> Plane:
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]
