"""The scenes' orders, one after the other; the first of them says how to behave."""

from collections.abc import Iterator

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.mux.engines.protocol import AssembledVideo, Assembly
from tests.chaos.engines.order import read_order
from tests.chaos.engines.performance import limits, perform


class ScriptedAssembly:
    def __init__(self) -> None:
        self.spec = EngineSpec("mux", "scripted", "1", limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        orders = [scene.video.read_text() for scene in request.scenes]
        yield from perform(read_order(orders[0]), "mux")
        names = ("video.mp4", "audio.m4a", "thumbnail.jpg")
        paths = [request.output_dir / name for name in names]
        for path in paths:
            path.write_text("\n".join((path.name, *orders)))
        yield AssembledVideo(*paths, seconds=float(len(orders)))
