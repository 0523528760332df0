"""Requests, results and protocol of mux engines."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from services.chassis.engine_api.spec import Engine, Progress
from services.chassis.engine_api.video_format import VideoFormat

MAX_GAP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class SceneMedia:
    """The parts of a silent video, in order, and the speech of all of it; `None` for a silent scene.

    A part without frames is an empty file. All others have one format.
    """

    parts: tuple[Path, ...]
    speech: Path | None = None


@dataclass(frozen=True, slots=True)
class Assembly:
    """A request to join scenes into the files of `output_dir`.

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
    """The files of a video: `video` in its `format`, `audio` an M4A, `thumbnail` a JPEG."""

    video: Path
    audio: Path
    thumbnail: Path
    seconds: float
    format: VideoFormat = VideoFormat.MP4


class AudioFormat(StrEnum):
    """The formats of an audio file."""

    MP3 = "mp3"
    M4A = "m4a"
    """AAC in MP4."""
    WAV = "wav"
    OPUS = "opus"
    """Opus in Ogg."""
    FLAC = "flac"

    @property
    def media_type(self) -> str:
        return {
            "mp3": "audio/mpeg",
            "m4a": "audio/mp4",
            "wav": "audio/wav",
            "opus": "audio/ogg",
            "flac": "audio/flac",
        }[self]

    @property
    def suffix(self) -> str:
        """File name suffix, with its dot."""
        return f".{self.value}"


@dataclass(frozen=True, slots=True)
class AudioAssembly:
    """A request to join speech into one audio file in `output_dir`.

    `speeches` has one file for each scene, in order. `gap_seconds`, from 0 to `MAX_GAP_SECONDS`, is the
    silence between two of them.
    """

    speeches: tuple[Path, ...]
    output_dir: Path
    format: AudioFormat
    loudness_lufs: float = -16.0
    gap_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class AssembledAudio:
    """An audio file in the `format` asked for, `seconds` long."""

    audio: Path
    seconds: float
    format: AudioFormat


class MuxEngine(Engine, Protocol):
    """A protocol of engines that join scenes.

    `spec.operations` names the methods that the engine has; empty means `assemble` alone.
    """

    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        """Yields progress, then one `AssembledVideo`. Raises `MediaUnreadable` for a file it cannot read."""
        ...

    def assemble_audio(self, request: AudioAssembly) -> Iterator[Progress | AssembledAudio]:
        """Yields progress, then one `AssembledAudio`.

        Its length is the sum of all speeches and gaps, to within one frame of its codec. Memory does not
        grow with its length. Raises `MediaUnreadable` for a file it cannot read, and `InvalidArgument`
        for no speeches or a gap out of range.
        """
        ...
