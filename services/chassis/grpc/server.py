"""gRPC server of a service: health, reflection, engine description, errors and traces."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any

import grpc
import structlog
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer  # pyright: ignore[reportMissingTypeStubs]
from grpc_reflection.v1alpha import reflection
from opentelemetry.trace import SpanKind, StatusCode

from likeness.jobs.v1 import engines_pb2, engines_pb2_grpc
from services.chassis.contracts.jobs import spec_to_proto
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import LikenessError, Reason
from services.chassis.grpc.client import REASON_METADATA
from services.chassis.grpc.security import listen, require_protection, server_interceptors
from services.chassis.observability import metrics
from services.chassis.observability.telemetry import context_from, tracer
from services.chassis.settings import WorkerSettings

log = structlog.get_logger()

GRACE_SECONDS = 5.0
"""How long running calls may go on after `stop`."""
_OWN_PREFIX = "/likeness."
_CODES = {
    Reason.INVALID_ARGUMENT: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.FACE_NOT_FOUND: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.MEDIA_UNREADABLE: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.ENGINE_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.ENGINE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.VOICE_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.ARTIFACT_MISSING: grpc.StatusCode.NOT_FOUND,
    Reason.ENGINE_CRASHED: grpc.StatusCode.INTERNAL,
    Reason.OUT_OF_MEMORY: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.TIMED_OUT: grpc.StatusCode.DEADLINE_EXCEEDED,
    Reason.CANCELLED: grpc.StatusCode.CANCELLED,
    Reason.WORKER_LOST: grpc.StatusCode.UNAVAILABLE,
    Reason.STORE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.BUS_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.INTERNAL: grpc.StatusCode.INTERNAL,
}


def status_code(reason: Reason) -> grpc.StatusCode:
    """Returns the gRPC status for a reason."""
    return _CODES[reason]


class GrpcServer:
    """Serves where the settings say between `start` and `stop`; port 0 takes a free one.

    Outside of `dev`, raises `InvalidArgument` for a port without a token and without an authority.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        require_protection(settings)
        self.server = aio.server(interceptors=[*server_interceptors(settings), CallInterceptor()])
        self._health = HealthServicer()
        unix, tcp = f"unix:{settings.grpc_socket}", f"{settings.host}:{settings.grpc_port}"
        self._address = unix if settings.grpc_socket else tcp
        self.port = listen(self.server, self._address, settings)

    async def start(self, service_names: Iterable[str]) -> None:
        """Starts serving and reports the named services, already added to `server`, as healthy."""
        names = tuple(service_names)
        health_pb2_grpc.add_HealthServicer_to_server(  # pyright: ignore[reportUnknownMemberType] - no stubs
            self._health, self.server
        )
        reflected = (*names, "grpc.health.v1.Health", reflection.SERVICE_NAME)
        reflection.enable_server_reflection(reflected, self.server)
        await self.server.start()
        for name in names:
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        log.info("grpc.serving", address=self._address, port=self.port)

    async def stop(self) -> None:
        """Accepts no more calls; running calls may go on for a few seconds."""
        await self._health.enter_graceful_shutdown()
        await self.server.stop(GRACE_SECONDS)


class EngineServicer(engines_pb2_grpc.EngineServiceServicer):
    """Describes the engines that the service hosts."""

    def __init__(self, specs: Iterable[EngineSpec]) -> None:
        self._response = engines_pb2.DescribeEnginesResponse(engines=[spec_to_proto(spec) for spec in specs])

    async def DescribeEngines(  # noqa: N802 - the contract's name
        self, request: engines_pb2.DescribeEnginesRequest, context: Any
    ) -> engines_pb2.DescribeEnginesResponse:
        return self._response


class CallInterceptor(aio.ServerInterceptor):
    """Wraps every call of the project's own services.

    It adds a span in the caller's trace, turns errors into status codes with their reason in the trailing
    metadata, and closes handlers when a call ends early.
    """

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(_OWN_PREFIX):
            return handler
        codecs = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(_streaming(method, handler.unary_stream), **codecs)
        return grpc.unary_unary_rpc_method_handler(_single(method, handler.unary_unary), **codecs)


def _streaming(method: str, call: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
    async def handle(request: Any, context: Any) -> None:
        # Written here rather than yielded, so that a client that goes away closes the generator at once.
        async def stream() -> None:
            async with aclosing(call(request, context)) as responses:
                async for response in responses:
                    await context.write(response)

        await _guarded(method, context, stream)

    return handle


def _single(method: str, call: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def handle(request: Any, context: Any) -> Any:
        return await _guarded(method, context, lambda: call(request, context))

    return handle


async def _guarded(method: str, context: Any, call: Callable[[], Awaitable[Any]]) -> Any:
    """Runs `call` in a span and ends the RPC with a status code if it fails."""
    metadata = {item.key: item.value for item in context.invocation_metadata() or ()}
    with tracer().start_as_current_span(
        metrics.SPAN_RPC.format(method=method.rpartition("/")[2]),
        context=context_from(metadata.get("traceparent")),
        kind=SpanKind.SERVER,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            return await call()
        except LikenessError as error:
            span.set_status(StatusCode.ERROR, error.reason)
            log.info("grpc.refused", method=method, reason=error.reason, error=error.loggable)
            await _abort(context, error)
        except Exception as error:
            span.set_status(StatusCode.ERROR)
            if isinstance(error, aio.AbortError):
                raise
            if isinstance(error, aio.InternalError):  # nothing can be written: the caller has left
                return None
            log.exception("grpc.failed", method=method)
            await _abort(context, LikenessError(f"The service failed: {type(error).__name__}."))


async def _abort(context: Any, error: LikenessError) -> None:
    trailing = ((REASON_METADATA, error.reason.value),)
    await context.abort(status_code(error.reason), error.message, trailing_metadata=trailing)
