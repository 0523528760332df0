"""A scripted mux engine: writes the scenes' instructions, and behaves as the first of them says."""

from collections.abc import Iterator

from services.chassis.engine_api.spec import EngineSpec, Progress
from services.mux.engines.protocol import AssembledVideo, Assembly
from tests.chaos.engines.instructions import read_instructions
from tests.chaos.engines.scripted_run import limits, run_scripted


class ScriptedAssembly:
    """Writes the scenes' instructions into every output file."""

    def __init__(self) -> None:
        self.spec = EngineSpec("mux", "scripted", "1", limits=limits())

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        scene_instructions = [scene.parts[0].read_text() for scene in request.scenes]
        yield from run_scripted(read_instructions(scene_instructions[0]), "mux")
        names = ("video.mp4", "audio.m4a", "thumbnail.jpg")
        paths = [request.output_dir / name for name in names]
        for path in paths:
            path.write_text("\n".join((path.name, *scene_instructions)))
        yield AssembledVideo(*paths, seconds=float(len(scene_instructions)))
