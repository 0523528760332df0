"""Asks the video service whether a portrait can be rendered, before a video is accepted."""

import structlog
from grpc import aio

from likeness.video.v1.video_pb2 import FaceChoice, FaceLandmarks, InspectPortraitRequest, Point
from likeness.video.v1.video_pb2_grpc import VideoServiceStub
from services.chassis.contracts import artifact_to_proto
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc_client import outgoing_metadata, translated_errors
from services.gateway.videos.spec import SceneSpec

TIMEOUT_SECONDS = 10.0
REFUSALS = frozenset({Reason.FACE_NOT_FOUND, Reason.MEDIA_UNREADABLE, Reason.INVALID_ARGUMENT})
log = structlog.get_logger()


class PortraitInspector:
    def __init__(self, channel: aio.Channel) -> None:
        self._stub = VideoServiceStub(channel)

    async def inspect(self, scene: SceneSpec) -> tuple[str, ...]:
        """The words of the prompt that mean nothing to the engine. Raises its refusal of the portrait.

        A service that cannot answer now refuses nothing: the stage itself will find out.
        """
        engine = scene.engine.name
        try:
            with translated_errors():
                seen = await self._stub.InspectPortrait(
                    inspection_of(scene), timeout=TIMEOUT_SECONDS, metadata=outgoing_metadata()
                )
            return tuple(seen.unknown_words)
        except LikenessError as exc:
            if exc.reason in REFUSALS:
                raise
            log.warning("portrait_not_inspected", engine=engine, reason=exc.reason, error=exc.message)
            return ()


def inspection_of(scene: SceneSpec) -> InspectPortraitRequest:
    landmarks = {name: Point(x=x, y=y) for name, (x, y) in (scene.landmarks or {}).items()}
    return InspectPortraitRequest(
        engine=scene.engine.name,
        portrait=artifact_to_proto(scene.portrait),
        landmarks=FaceLandmarks(**landmarks) if landmarks else None,
        face=FaceChoice(**scene.face) if scene.face else None,
        prompt=scene.prompt,
    )
