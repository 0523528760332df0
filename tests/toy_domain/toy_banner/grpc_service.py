"""Serves banners over gRPC, for callers who wait for the result."""

from collections.abc import AsyncGenerator
from typing import Any

from grpc import aio
from toy.banner.v1.banner_pb2 import DrawRequest, DrawResponse
from toy.banner.v1.banner_pb2_grpc import BannerServiceServicer, add_BannerServiceServicer_to_server

from services.chassis.storage import ObjectStore
from services.chassis.worker.grpc_stage import stream_stage
from services.chassis.worker.runner import StageRunner


class BannerServicer(BannerServiceServicer):
    def __init__(self, runner: StageRunner) -> None:
        self._runner = runner

    def Draw(  # noqa: N802 - the contract's name
        self, request: DrawRequest, context: Any
    ) -> AsyncGenerator[DrawResponse]:
        return stream_stage(self._runner, request, DrawResponse)


def add_banner_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_BannerServiceServicer_to_server(BannerServicer(runner), server)
