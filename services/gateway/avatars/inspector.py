"""Asks the video service whether a portrait can be rendered, before a video is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from grpc import aio

from likeness.video.v1.video_pb2 import FaceChoice, FaceLandmarks, InspectPortraitRequest, Point
from likeness.video.v1.video_pb2_grpc import VideoServiceStub
from services.chassis.contracts.jobs import artifact_to_proto
from services.chassis.grpc.client import outgoing_metadata
from services.chassis.storage import Artifact
from services.gateway.http.inspection_errors import INSPECTION_SECONDS, refusals_only

NOT_CUT_OUT: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Portrait:
    """A portrait as a scene uses it. `landmarks` are pixels; `face` and `prompt` are as in the video
    service's task, in JSON."""

    image: Artifact
    engine: str
    landmarks: Mapping[str, tuple[float, float]] | None = None
    face: Mapping[str, Any] | None = None
    prompt: str = ""


class PortraitInspector:
    """Client of the video service's inspections."""

    def __init__(self, channel: aio.Channel) -> None:
        self._stub = VideoServiceStub(channel)

    async def inspect(self, portrait: Portrait, overlay: Mapping[str, Any] = NOT_CUT_OUT) -> tuple[str, ...]:
        """Returns the words of the prompt that mean nothing to the engine.

        Raises the engine's refusal of the portrait, or of cutting it out for the overlay, which is as in
        `OutputSpec`.
        """
        request = inspection_of(portrait, overlay)
        with refusals_only("portrait", portrait.engine):
            seen = await self._stub.InspectPortrait(
                request, timeout=INSPECTION_SECONDS, metadata=outgoing_metadata()
            )
            return tuple(seen.unknown_words)
        return ()


def inspection_of(portrait: Portrait, overlay: Mapping[str, Any]) -> InspectPortraitRequest:
    landmarks = {name: Point(x=x, y=y) for name, (x, y) in (portrait.landmarks or {}).items()}
    return InspectPortraitRequest(
        engine=portrait.engine,
        portrait=artifact_to_proto(portrait.image),
        landmarks=FaceLandmarks(**landmarks) if landmarks else None,
        face=FaceChoice(**portrait.face) if portrait.face else None,
        prompt=portrait.prompt,
        **overlay,
    )
