"""A video that is nothing but its order, and portraits that are always fine."""

from collections.abc import Iterator

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.video.engines.protocol import InspectedPortrait, Inspection, RenderedVideo, Rendering
from tests.chaos.engines.order import read_order
from tests.chaos.engines.performance import limits, perform


class ScriptedPicture:
    def __init__(self) -> None:
        self.spec = EngineSpec("video", "scripted", "1", limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def inspect(self, request: Inspection) -> Iterator[InspectedPortrait]:
        yield InspectedPortrait(128, 128, None)

    def render(self, request: Rendering) -> Iterator[Progress | RenderedVideo]:
        yield from perform(read_order(request.prompt), "video")
        request.output.write_text(request.prompt)
        yield RenderedVideo(request.output, request.width, request.height, request.fps, frames=1)
