"""Serves assembly over gRPC, for callers who wait for the result."""

from collections.abc import AsyncGenerator
from typing import Any

from grpc import aio

from likeness.mux.v1.mux_pb2 import AssembleRequest, AssembleResponse
from likeness.mux.v1.mux_pb2_grpc import MuxServiceServicer, add_MuxServiceServicer_to_server
from services.chassis.storage import ObjectStore
from services.chassis.worker.grpc_stage import stream_stage
from services.chassis.worker.runner import StageRunner


class MuxServicer(MuxServiceServicer):
    def __init__(self, runner: StageRunner) -> None:
        self._runner = runner

    def Assemble(  # noqa: N802 - the contract's name
        self, request: AssembleRequest, context: Any
    ) -> AsyncGenerator[AssembleResponse]:
        return stream_stage(self._runner, request, AssembleResponse)


def add_mux_servicer(runner: StageRunner, store: ObjectStore, server: aio.Server) -> None:
    add_MuxServiceServicer_to_server(MuxServicer(runner), server)
