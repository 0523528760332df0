"""Video engine that makes a portrait speak by moving the picture itself."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import DeviceClass, EngineLimits, EngineSpec, Progress
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.errors import EngineUnavailable
from services.video.engines.protocol import InspectedPortrait, Inspection, RenderedVideo, Rendering
from services.video.engines.puppet.motion.performance_cache import PerformanceCache

# Everything heavy is imported in functions, so that `spec` can be read without loading OpenCV and MediaPipe.
if TYPE_CHECKING:
    from services.video.engines.puppet.motion.performance import Performance
    from services.video.engines.puppet.prompt.parse import ParsedPrompt
    from services.video.engines.puppet.rig.portrait_rig import PortraitRig
    from services.video.engines.puppet.rig.setup import RigSetup

MAX_SECONDS = 3600.0
MAX_PIXELS = 50_000_000
FRAMES_PER_PROGRESS = 10
MIN_PHONEMES_OF_PIECE = 40
"""About 4 s of speech. With 12, as in 1 s, one measured offset in 20 is wrong by more than it may be."""
PIECE_MEGAPIXEL_SECONDS = 10.0
"""On two cores that render two pieces at once, a piece takes about 5 s: 38 s at 512x512, 11 s at 720p."""


class PuppetEngine:
    """Makes a portrait speak by moving the picture itself. Needs no weights, no GPU and no network."""

    spec = EngineSpec(
        service="video",
        name="puppet",
        version="7",
        device_class=DeviceClass.CPU,
        needs_audio=True,
        limits=EngineLimits(
            max_seconds=MAX_SECONDS,
            max_pixels=MAX_PIXELS,
            stage_timeout_seconds=7200.0,
            piece_megapixel_seconds=PIECE_MEGAPIXEL_SECONDS,
        ),
    )

    def __init__(self) -> None:
        self._rig_setup: RigSetup | None = None
        self._performances = PerformanceCache()

    def open(self) -> None:
        from services.video.engines.puppet.rig.setup import RigSetup

        if self._rig_setup is None:
            self._rig_setup = RigSetup(MAX_PIXELS)

    def close(self) -> None:
        if self._rig_setup is not None:
            self._rig_setup.close()
            self._rig_setup = None

    def inspect(self, request: Inspection) -> Iterator[InspectedPortrait]:
        """Implements `VideoEngine.inspect`."""
        from services.video.engines.puppet.portrait.locator import landmarks_of
        from services.video.engines.puppet.prompt.parse import parse_prompt

        portrait, face = self._setup.find(request)
        if request.format.has_opacity:
            self._setup.compose(request)  # raises if no person can be cut out
        unknown = parse_prompt(request.prompt).unknown_words
        yield InspectedPortrait(*portrait.size, landmarks_of(face), unknown)

    def render(self, request: Rendering) -> Iterator[Progress | RenderedVideo]:
        """Implements `VideoEngine.render`. Raises `InvalidArgument` for what lies outside of the limits."""
        from services.video.engines.puppet.motion.content_seed import content_seed
        from services.video.engines.puppet.motion.pieces import frames_of_piece
        from services.video.engines.puppet.prompt.parse import parse_prompt
        from services.video.engines.puppet.quality.verdict import lateness

        request = replace(request, seed=content_seed(request))
        prompt = parse_prompt(request.prompt)
        performance = self._planned(request, prompt)
        part = frames_of_piece(request.piece, performance.frames, request.fps, request.timeline)
        rig = self._setup.build_rig(request, camera_moves=prompt.moves_camera)
        checks = yield from _render_frames(request, performance, part, rig, prompt)
        late = lateness(checks, request.fps)
        if late and request.piece is None:
            # Rendered once more, with the lips where the sounds are. Not a piece: its neighbours' lips stay.
            performance = performance.with_lips_moved(-late)
            checks = yield from _render_frames(request, performance, part, rig, prompt)
        width, height = rig.still.size
        yield RenderedVideo(request.output, width, height, request.fps, len(part), request.format, checks)

    def _planned(self, request: Rendering, prompt: ParsedPrompt) -> Performance:
        """Returns the performance of the whole scene, which other pieces will ask for too."""
        if request.piece is None:
            return _plan(request, prompt)
        return self._performances.get(request, lambda: _plan(request, prompt))

    @property
    def _setup(self) -> RigSetup:
        if self._rig_setup is None:
            raise EngineUnavailable("The puppet engine is not open.")
        return self._rig_setup


def _plan(request: Rendering, prompt: ParsedPrompt) -> Performance:
    from services.video.engines.puppet.motion.performance import plan_performance, seconds_of
    from services.video.engines.puppet.prompt.timing import emotion_of, gestures_of

    gestures = gestures_of(prompt, seconds_of(request, MAX_SECONDS))
    emotion = emotion_of(prompt) or request.emotion
    return plan_performance(replace(request, emotion=emotion), MAX_SECONDS, gestures)


def _render_frames(
    request: Rendering, performance: Performance, part: range, rig: PortraitRig, prompt: ParsedPrompt
) -> Generator[Progress, None, tuple[QualityCheck, ...]]:
    """Writes the frames of the part and returns their checks; an empty file for a part without frames."""
    from services.video.engines.puppet.frames.video_writer import VideoWriter
    from services.video.engines.puppet.motion.lip_track import frame_times
    from services.video.engines.puppet.prompt.camera_motion import camera_track
    from services.video.engines.puppet.quality.frame_monitor import FrameMonitor

    if not part:
        request.output.write_bytes(b"")
        return ()
    times = frame_times(performance.frames, request.fps)
    camera = camera_track(times, prompt.actions, request.seed, rig.still.size)
    monitor = FrameMonitor(rig, request.fps)
    with VideoWriter(request.output, rig.still, request.fps, request.format) as writer:
        for number, frame in enumerate(part):
            picture, head, view = writer.next_frame(), performance.head_at(frame), camera.at(frame)
            rig.draw(picture, performance.lips_at(frame), performance.eyes_at(frame), head, view)
            monitor.observe(number, picture, head, view)
            writer.append()
            if number % FRAMES_PER_PROGRESS == 0:
                yield Progress(number / len(part))
    return monitor.checks(_heard_during(part, request))


def _heard_during(part: range, request: Rendering) -> SpeechTimeline | None:
    """Returns the timeline that the lips of the part are measured by.

    `None` for a piece with few sounds: they would not tell reliably whether the lips are late.
    """
    if request.timeline is None:
        return None
    heard = request.timeline.between(part.start / request.fps, part.stop / request.fps)
    if request.piece is not None and len(heard.phonemes) < MIN_PHONEMES_OF_PIECE:
        return None
    return heard
