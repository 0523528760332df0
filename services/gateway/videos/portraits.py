"""Asks the video service whether a portrait can be rendered, before a video is accepted."""

from collections.abc import Mapping

import structlog
from grpc import aio

from likeness.video.v1.video_pb2 import FaceLandmarks, InspectPortraitRequest, Point
from likeness.video.v1.video_pb2_grpc import VideoServiceStub
from services.chassis.contracts import artifact_to_proto
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc_client import outgoing_metadata, translated_errors
from services.chassis.storage import Artifact

TIMEOUT_SECONDS = 10.0
REFUSALS = frozenset({Reason.FACE_NOT_FOUND, Reason.MEDIA_UNREADABLE, Reason.INVALID_ARGUMENT})
log = structlog.get_logger()


class PortraitInspector:
    def __init__(self, channel: aio.Channel) -> None:
        self._stub = VideoServiceStub(channel)

    async def inspect(
        self, engine: str, portrait: Artifact, landmarks: Mapping[str, tuple[float, float]] | None
    ) -> None:
        """Raises the engine's refusal of the portrait.

        A service that cannot answer now refuses nothing: the stage itself will find out.
        """
        request = InspectPortraitRequest(engine=engine, portrait=artifact_to_proto(portrait))
        if landmarks is not None:
            points = {name: Point(x=x, y=y) for name, (x, y) in landmarks.items()}
            request.landmarks.CopyFrom(FaceLandmarks(**points))
        try:
            with translated_errors():
                await self._stub.InspectPortrait(
                    request, timeout=TIMEOUT_SECONDS, metadata=outgoing_metadata()
                )
        except LikenessError as exc:
            if exc.reason in REFUSALS:
                raise
            log.warning("portrait_not_inspected", engine=engine, reason=exc.reason, error=exc.message)
