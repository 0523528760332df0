"""What a mux engine is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.chassis.engine_api.spec import Engine, Progress
from services.chassis.engine_api.video_format import VideoFormat


@dataclass(frozen=True, slots=True)
class SceneMedia:
    """A silent video and the speech that goes with it; `None` is a silent scene."""

    video: Path
    speech: Path | None = None


@dataclass(frozen=True, slots=True)
class Assembly:
    """How to join scenes into the files of `output_dir`.

    `audio_delay_seconds` moves the audio later against the picture (negative: earlier). `shortest` ends
    each scene with the shorter of picture and speech; otherwise speech is padded with silence to the
    end of its picture.
    """

    scenes: tuple[SceneMedia, ...]
    output_dir: Path
    loudness_lufs: float = -16.0
    audio_delay_seconds: float = 0.0
    shortest: bool = False
    format: VideoFormat = VideoFormat.MP4


@dataclass(frozen=True, slots=True)
class AssembledVideo:
    """`video` is in the `format` asked for, `audio` an M4A, `thumbnail` a JPEG."""

    video: Path
    audio: Path
    thumbnail: Path
    seconds: float
    format: VideoFormat = VideoFormat.MP4


class MuxEngine(Engine, Protocol):
    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        """Yield progress, then one `AssembledVideo`. Raises `MediaUnreadable` for a file it cannot read."""
        ...
