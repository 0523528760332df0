"""The `ffmpeg` engine: joins scenes, lays speech and normalises loudness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.chassis.errors import EngineUnavailable
from services.mux.engines.protocol import AssembledVideo, Assembly

if TYPE_CHECKING:
    from services.mux.engines.ffmpeg.assembler import Assembler


class FfmpegEngine:
    """The same inputs give the same bytes, since artifacts are addressed by their content."""

    spec = EngineSpec(service="mux", name="ffmpeg", version="2", needs_audio=False)

    def __init__(self) -> None:
        self._assembler: Assembler | None = None

    def open(self) -> None:
        """Find ffmpeg. Raises `EngineUnavailable` if this machine has none."""
        import imageio_ffmpeg

        from services.mux.engines.ffmpeg.assembler import Assembler
        from services.mux.engines.ffmpeg.process import Ffmpeg

        try:
            executable = imageio_ffmpeg.get_ffmpeg_exe()
        except RuntimeError as exc:
            raise EngineUnavailable(
                "There is no ffmpeg here. Install it with: pip install imageio-ffmpeg"
            ) from exc
        self._assembler = Assembler(Ffmpeg(executable))

    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        """Yield progress, then one `AssembledVideo`; a request that fails leaves no file behind.

        Pictures are copied as they are if all scenes share one H.264 format, and encoded anew in the
        size and frame rate of the first scene otherwise. Speech that outlasts its picture holds the
        last frame, unless `shortest`. Raises `MediaUnreadable` with the number of the scene.
        """
        if self._assembler is None:
            raise EngineUnavailable("The ffmpeg engine has not been opened.")
        yield from self._assembler.assemble(request)

    def close(self) -> None:
        self._assembler = None
