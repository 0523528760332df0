"""gRPC service of the video worker, for callers that wait for the answer."""

from collections.abc import AsyncGenerator
from typing import Any

from grpc import aio

from likeness.video.v1.video_pb2 import (
    InspectPortraitRequest,
    InspectPortraitResponse,
    RenderRequest,
    RenderResponse,
)
from likeness.video.v1.video_pb2_grpc import VideoServiceServicer, add_VideoServiceServicer_to_server
from services.chassis.contracts.jobs import artifact_from_proto
from services.chassis.disk import temporary_folder
from services.chassis.storage import ObjectStore
from services.chassis.worker.grpc_stage import stream_stage
from services.chassis.worker.runner import StageRunner
from services.video.render import inspect
from services.video.task_mapping import inspection_from, landmarks_to_proto


class VideoServicer(VideoServiceServicer):
    """Implements `likeness.video.v1.VideoService` with the engines of a stage runner."""

    def __init__(self, runner: StageRunner, store: ObjectStore) -> None:
        self._runner = runner
        self._store = store

    def Render(  # noqa: N802 - the contract's name
        self, request: RenderRequest, context: Any
    ) -> AsyncGenerator[RenderResponse]:
        return stream_stage(self._runner, request, RenderResponse)

    async def InspectPortrait(  # noqa: N802 - the contract's name
        self, request: InspectPortraitRequest, context: Any
    ) -> InspectPortraitResponse:
        engine = self._runner.pool(request.engine)
        with temporary_folder("inspect-", self._runner.scratch) as folder:
            path = folder / "portrait"
            inspection = inspection_from(request, path)
            await self._store.fetch(artifact_from_proto(request.portrait), path)
            seen = await inspect(engine, inspection)
        return InspectPortraitResponse(
            width=seen.width,
            height=seen.height,
            face=landmarks_to_proto(seen.face) if seen.face is not None else None,
            unknown_words=seen.unknown_words,
        )


def add_video_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_VideoServiceServicer_to_server(VideoServicer(runner, store), server)
