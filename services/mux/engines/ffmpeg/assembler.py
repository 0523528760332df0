"""Assembles a video from scenes: pictures, speech track, mastering, joining, thumbnail."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from services.chassis.engine_api.spec import Progress
from services.chassis.errors import InvalidArgument
from services.mux.engines.ffmpeg import commands
from services.mux.engines.ffmpeg.delivery import DELIVERIES, Delivery
from services.mux.engines.ffmpeg.encoding import VIDEO_AUDIO
from services.mux.engines.ffmpeg.mastering import Master, master_track
from services.mux.engines.ffmpeg.media import read_scene
from services.mux.engines.ffmpeg.plan import JoinPlan, SceneFacts, plan_join
from services.mux.engines.ffmpeg.process import Ffmpeg
from services.mux.engines.ffmpeg.speech_track import write_speech_track
from services.mux.engines.ffmpeg.steps import Steps, run_step
from services.mux.engines.ffmpeg.thumbnail import write_thumbnail
from services.mux.engines.protocol import AssembledVideo, Assembly

Pictures = list[tuple[Path, Fraction]]
"""Files to join, each with its length in seconds."""
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
        pictures = yield from self._pictures(facts, plan, delivery, scratch)
        speeches = [scene.speech for scene in request.scenes]
        track = write_speech_track(
            scratch / "track.wav", speeches, plan.sample_counts, request.audio_delay_seconds
        )
        audio = scratch / "audio.m4a"
        master = Master(audio, VIDEO_AUDIO, seconds, request.loudness_lufs)
        yield from master_track(self._ffmpeg, track.path, master, CONFORMED, MASTERED)
        video = scratch / f"video{request.format.suffix}"
        yield from self._join(pictures, seconds, audio, video, delivery)
        thumbnail = scratch / "thumbnail.jpg"
        write_thumbnail(video, thumbnail, track.onset_seconds or 0.0)
        return AssembledVideo(video, audio, thumbnail, seconds, request.format)

    def _pictures(
        self, facts: list[SceneFacts], plan: JoinPlan, delivery: Delivery, scratch: Path
    ) -> Steps[Pictures]:
        """Returns the parts of all scenes, or a new picture for each scene if they cannot be joined."""
        parts = [timed_parts(scene) for scene in facts]
        if plan.canvas is None:
            return [part for scene in parts for part in scene]
        pictures: Pictures = []
        done = 0.0
        for sources, scene in zip(parts, plan.scenes, strict=True):
            target = scratch / f"picture-{len(pictures)}.{delivery.container}"
            script = target.with_suffix(".ffconcat")
            script.write_text(commands.concat_script(sources))
            arguments = commands.conform(script, target, plan.canvas, scene, delivery)
            share = float(scene.seconds / plan.seconds) * (CONFORMED - READ)
            span = READ + done, READ + done + share
            yield from run_step(self._ffmpeg, arguments, float(scene.seconds), *span)
            done += share
            pictures.append((target, scene.seconds))
        return pictures

    def _join(
        self, pictures: Pictures, seconds: float, audio: Path, target: Path, delivery: Delivery
    ) -> Steps[None]:
        script = target.with_name("pictures.ffconcat")
        script.write_text(commands.concat_script(pictures))
        arguments = commands.join(script, audio, target, delivery)
        yield from run_step(self._ffmpeg, arguments, seconds, MASTERED, JOINED)


def timed_parts(scene: SceneFacts) -> Pictures:
    return [(part.path, part.frames / scene.picture.frame_rate) for part in scene.parts]
