"""Asks the video service whether a portrait can be rendered, before a video is accepted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from grpc import aio

from likeness.video.v1.video_pb2 import FaceChoice, FaceLandmarks, InspectPortraitRequest, Point
from likeness.video.v1.video_pb2_grpc import VideoServiceStub
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.grpc.client import outgoing_metadata
from services.gateway.http.inspection_errors import INSPECTION_SECONDS, refusals_only
from services.gateway.videos.spec import SceneSpec

NOT_CUT_OUT: Mapping[str, Any] = MappingProxyType({})


class PortraitInspector:
    def __init__(self, channel: aio.Channel) -> None:
        self._stub = VideoServiceStub(channel)

    async def inspect(self, scene: SceneSpec, overlay: Mapping[str, Any] = NOT_CUT_OUT) -> tuple[str, ...]:
        """The words of the prompt that mean nothing to the engine. Raises its refusal of the portrait, or of
        cutting it out for the overlay, which is as in `OutputSpec`."""
        request = inspection_of(scene, overlay)
        with refusals_only("portrait", scene.engine.name):
            seen = await self._stub.InspectPortrait(
                request, timeout=INSPECTION_SECONDS, metadata=outgoing_metadata()
            )
            return tuple(seen.unknown_words)
        return ()


def inspection_of(scene: SceneSpec, overlay: Mapping[str, Any]) -> InspectPortraitRequest:
    landmarks = {name: Point(x=x, y=y) for name, (x, y) in (scene.landmarks or {}).items()}
    return InspectPortraitRequest(
        engine=scene.engine.name,
        portrait=artifact_to_proto(scene.portrait),
        landmarks=FaceLandmarks(**landmarks) if landmarks else None,
        face=FaceChoice(**scene.face) if scene.face else None,
        prompt=scene.prompt,
        **overlay,
    )
