"""Assembles a video from scenes: pictures, speech track, mastering, joining, thumbnail."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from services.chassis.engine_api.spec import Progress
from services.chassis.errors import InvalidArgument
from services.mux.engines.ffmpeg import commands
from services.mux.engines.ffmpeg.delivery import DELIVERIES, Delivery
from services.mux.engines.ffmpeg.encoding import VIDEO_AUDIO
from services.mux.engines.ffmpeg.mastering import Master, master_track
from services.mux.engines.ffmpeg.media import read_scene
from services.mux.engines.ffmpeg.plan import JoinPlan, plan_join
from services.mux.engines.ffmpeg.process import Ffmpeg
from services.mux.engines.ffmpeg.speech_track import write_speech_track
from services.mux.engines.ffmpeg.steps import Steps, run_step
from services.mux.engines.ffmpeg.thumbnail import write_thumbnail
from services.mux.engines.protocol import AssembledVideo, Assembly

READ, CONFORMED, MASTERED, JOINED = 0.05, 0.6, 0.9, 0.98


class Assembler:
    def __init__(self, ffmpeg: Ffmpeg) -> None:
        self._ffmpeg = ffmpeg

    def assemble(self, request: Assembly) -> Iterator[Progress | AssembledVideo]:
        """Works in a folder inside the output folder; moves the results out of it only when all exist."""
        if not request.scenes:
            raise InvalidArgument("There are no scenes to join. Give at least one.")
        with TemporaryDirectory(prefix="assembly-", dir=request.output_dir) as scratch:
            made = yield from self._make(request, Path(scratch))
            placed = [
                path.replace(request.output_dir / path.name)
                for path in (made.video, made.audio, made.thumbnail)
            ]
        yield Progress(1.0)
        yield AssembledVideo(*placed, seconds=made.seconds, format=made.format)

    def _make(self, request: Assembly, scratch: Path) -> Steps[AssembledVideo]:
        facts = [read_scene(number, scene) for number, scene in enumerate(request.scenes, start=1)]
        yield Progress(READ)
        delivery = DELIVERIES[request.format]
        plan = plan_join(facts, delivery, shortest=request.shortest)
        seconds = float(plan.seconds)
        pictures = yield from self._pictures(request, plan, scratch)
        speeches = [scene.speech for scene in request.scenes]
        track = write_speech_track(
            scratch / "track.wav", speeches, plan.sample_counts, request.audio_delay_seconds
        )
        audio = scratch / "audio.m4a"
        master = Master(audio, VIDEO_AUDIO, seconds, request.loudness_lufs)
        yield from master_track(self._ffmpeg, track.path, master, CONFORMED, MASTERED)
        video = scratch / f"video{request.format.suffix}"
        yield from self._join(pictures, plan, audio, video, delivery)
        thumbnail = scratch / "thumbnail.jpg"
        write_thumbnail(video, thumbnail, track.onset_seconds or 0.0)
        return AssembledVideo(video, audio, thumbnail, seconds, request.format)

    def _pictures(self, request: Assembly, plan: JoinPlan, scratch: Path) -> Steps[list[Path]]:
        """Returns the scenes' own pictures, or new ones in one format if they cannot be joined."""
        sources = [scene.video for scene in request.scenes]
        if plan.canvas is None:
            return sources
        pictures: list[Path] = []
        done = 0.0
        for source, scene in zip(sources, plan.scenes, strict=True):
            target = scratch / f"picture-{len(pictures)}{request.format.suffix}"
            arguments = commands.conform(source, target, plan.canvas, scene, DELIVERIES[request.format])
            share = float(scene.seconds / plan.seconds) * (CONFORMED - READ)
            span = READ + done, READ + done + share
            yield from run_step(self._ffmpeg, arguments, float(scene.seconds), *span)
            done += share
            pictures.append(target)
        return pictures

    def _join(
        self, pictures: list[Path], plan: JoinPlan, audio: Path, target: Path, delivery: Delivery
    ) -> Steps[None]:
        durations = [float(scene.seconds) for scene in plan.scenes]
        script = target.with_name("scenes.ffconcat")
        script.write_text(commands.concat_script(list(zip(pictures, durations, strict=True))))
        arguments = commands.join(script, audio, target, delivery)
        yield from run_step(self._ffmpeg, arguments, float(plan.seconds), MASTERED, JOINED)
