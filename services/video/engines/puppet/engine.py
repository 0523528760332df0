"""The puppet engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from services.chassis.engine import DeviceClass, EngineLimits, EngineSpec, Progress
from services.chassis.errors import EngineUnavailable, FaceNotFound
from services.video.engines.protocol import (
    FaceLandmarks,
    InspectedPortrait,
    Inspection,
    RenderedVideo,
    Rendering,
)

if TYPE_CHECKING:
    from services.video.engines.puppet.face import Face
    from services.video.engines.puppet.locator import FaceLocator, Image
    from services.video.engines.puppet.mediapipe_mesh import MediaPipeMesh
    from services.video.engines.puppet.performance import Performance
    from services.video.engines.puppet.silhouette import Silhouette
    from services.video.engines.puppet.stage import Stage

MAX_SECONDS = 3600.0
MAX_PIXELS = 50_000_000
FRAMES_PER_PROGRESS = 10
ENLARGED = 1.4


class PuppetEngine:
    """Makes a portrait speak by moving the picture itself. Needs no weights, no GPU and no network."""

    spec = EngineSpec(
        service="video",
        name="puppet",
        version="2",
        device_class=DeviceClass.CPU,
        needs_audio=True,
        limits=EngineLimits(max_seconds=MAX_SECONDS, max_pixels=MAX_PIXELS, stage_timeout_seconds=7200.0),
    )

    def __init__(self) -> None:
        self._mesh: MediaPipeMesh | None = None
        self._silhouette: Silhouette | None = None

    def open(self) -> None:
        from services.video.engines.puppet.mediapipe_mesh import MediaPipeMesh
        from services.video.engines.puppet.silhouette import Silhouette

        if self._mesh is None:
            self._mesh = MediaPipeMesh()
        if self._silhouette is None:
            self._silhouette = Silhouette()

    def close(self) -> None:
        if self._mesh is not None:
            self._mesh.close()
            self._mesh = None
        if self._silhouette is not None:
            self._silhouette.close()
            self._silhouette = None

    def inspect(self, request: Inspection) -> Iterator[InspectedPortrait]:
        """See `VideoEngine`."""
        from services.video.engines.puppet.locator import landmarks_of

        portrait, face = self._portrait_and_face(request.portrait, request.landmarks)
        yield InspectedPortrait(portrait.shape[1], portrait.shape[0], landmarks_of(face))

    def render(self, request: Rendering) -> Iterator[Progress | RenderedVideo]:
        """See `VideoEngine`. `InvalidArgument` for what lies outside of the limits."""
        from services.video.engines.puppet.performance import perform

        performance = perform(request, MAX_SECONDS)
        stage = self._set_stage(request)
        yield from self._filmed(request, performance, stage)
        width, height = stage.still.size
        yield RenderedVideo(request.output, width, height, request.fps, performance.frames)

    def _set_stage(self, request: Rendering) -> Stage:
        from services.video.engines.puppet import framing
        from services.video.engines.puppet.stage import Stage

        portrait, face = self._portrait_and_face(request.portrait, request.landmarks)
        own_size = portrait.shape[1], portrait.shape[0]
        size = framing.output_size(own_size, (request.width, request.height))
        times = framing.enlargement(own_size, size)
        frame = framing.frame_face(own_size, face, framing.drawn_size(size, times))
        picture, framed_face = framing.framed(portrait, frame), framing.framed_face(face, frame)
        person = self._silhouette.around(picture, framed_face) if self._silhouette else None
        smooth = max(frame.scale) < ENLARGED
        return Stage(picture, framed_face, size, person, times=times, smooth=smooth)

    def _portrait_and_face(self, path: Path, landmarks: FaceLandmarks | None) -> tuple[Image, Face]:
        from services.video.engines.puppet.portrait import read_portrait

        portrait = read_portrait(path, MAX_PIXELS)
        face = self._locator(landmarks).locate(portrait)
        if face is None:
            raise FaceNotFound(
                "No face was found in the portrait. Choose a picture with one clear face, seen from "
                "the front, or say where the eyes, the mouth and the chin are (landmarks)."
            )
        return portrait, face

    def _locator(self, landmarks: FaceLandmarks | None) -> FaceLocator:
        from services.video.engines.puppet.locator import GuidedMesh

        if self._mesh is None:
            raise EngineUnavailable("The puppet engine is not open.")
        return self._mesh if landmarks is None else GuidedMesh(landmarks, self._mesh)

    def _filmed(self, request: Rendering, performance: Performance, stage: Stage) -> Iterator[Progress]:
        from services.video.engines.puppet.film import Film

        with Film(request.output, stage.still, request.fps) as film:
            for frame in range(performance.frames):
                stage.draw(
                    film.blank(),
                    performance.lips_at(frame),
                    performance.eyes_at(frame),
                    performance.head_at(frame),
                )
                film.append()
                if frame % FRAMES_PER_PROGRESS == 0:
                    yield Progress(frame / performance.frames)
