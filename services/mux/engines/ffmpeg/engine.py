"""The `ffmpeg` engine: joins scenes, lays speech and normalises loudness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.chassis.errors import EngineUnavailable
from services.mux.engines.protocol import AssembledAudio, AssembledVideo, Assembly, AudioAssembly

if TYPE_CHECKING:
    from services.mux.engines.ffmpeg.assembler import Assembler
    from services.mux.engines.ffmpeg.audio_assembler import AudioAssembler


class FfmpegEngine:
    """A mux engine whose output is reproducible: artifacts are addressed by their content."""

    spec = EngineSpec(
        service="mux",
        name="ffmpeg",
        version="4",
        needs_audio=False,
        operations=("assemble", "assemble_audio"),
    )

    def __init__(self) -> None:
        self._assembler: Assembler | None = None
        self._audio_assembler: AudioAssembler | None = None

    def open(self) -> None:
        """Finds ffmpeg. Raises `EngineUnavailable` if this machine has none."""
        import imageio_ffmpeg

        from services.mux.engines.ffmpeg.assembler import Assembler
        from services.mux.engines.ffmpeg.audio_assembler import AudioAssembler
        from services.mux.engines.ffmpeg.process import Ffmpeg

        try:
            executable = imageio_ffmpeg.get_ffmpeg_exe()
        except RuntimeError as exc:
            raise EngineUnavailable(
                "There is no ffmpeg here. Install it with: pip install imageio-ffmpeg"
            ) from exc
        self._assembler = Assembler(Ffmpeg(executable))
        self._audio_assembler = AudioAssembler(Ffmpeg(executable))

    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        """Yields progress, then one `AssembledVideo`; a request that fails leaves no file behind.

        Pictures are copied as they are if all scenes share one H.264 format, and encoded anew in the
        size and frame rate of the first scene otherwise. Speech that outlasts its picture holds the
        last frame, unless `shortest`. Raises `MediaUnreadable` with the number of the scene.
        """
        if self._assembler is None:
            raise EngineUnavailable("The ffmpeg engine has not been opened.")
        yield from self._assembler.assemble(request)

    def assemble_audio(self, request: AudioAssembly) -> Iterator[Progress | AssembledAudio]:
        """Yields progress, then one `AssembledAudio`; a request that fails leaves no file behind.

        The file is stereo at 48 kHz with the same on both sides, and its true peak at most -1.5 dBTP.
        While it works it needs 0.7 GB of disk for each hour, besides the result. Raises `MediaUnreadable`
        with the number of the scene.
        """
        if self._audio_assembler is None:
            raise EngineUnavailable("The ffmpeg engine has not been opened.")
        yield from self._audio_assembler.assemble(request)

    def close(self) -> None:
        self._assembler = None
        self._audio_assembler = None
