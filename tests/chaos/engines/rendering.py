"""A scripted video engine: writes its instructions as the video, and accepts every portrait."""

from collections.abc import Iterator

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.video.engines.protocol import InspectedPortrait, Inspection, RenderedVideo, Rendering
from tests.chaos.engines.instructions import read_instructions
from tests.chaos.engines.scripted_run import limits, run_scripted


class ScriptedRendering:
    """Writes the prompt, which holds the instructions, as the video."""

    def __init__(self) -> None:
        self.spec = EngineSpec("video", "scripted", "1", limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def inspect(self, request: Inspection) -> Iterator[InspectedPortrait]:
        yield InspectedPortrait(128, 128, None)

    def render(self, request: Rendering) -> Iterator[Progress | RenderedVideo]:
        yield from run_scripted(read_instructions(request.prompt), "video")
        request.output.write_text(request.prompt)
        yield RenderedVideo(request.output, request.width, request.height, request.fps, frames=1)
