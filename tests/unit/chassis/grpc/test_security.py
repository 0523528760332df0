"""Who may call a service by gRPC: with a token, with certificates, over a unix socket."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false
# (health and reflection come without types)

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from likeness.jobs.v1.engines_pb2 import DescribeEnginesRequest
from likeness.jobs.v1.engines_pb2_grpc import EngineServiceStub, add_EngineServiceServicer_to_server
from services.chassis.errors import InvalidArgument
from services.chassis.grpc.security import open_channel
from services.chassis.grpc.server import EngineServicer, GrpcServer
from services.chassis.settings import WorkerSettings
from services.chassis.worker.service import ENGINE_SERVICE
from services.cli.stack.servers.certificates import ensure_certificates
from tests.unit.chassis.worker_settings import worker_settings

Call = Callable[[aio.Channel], Awaitable[object]]


@asynccontextmanager
async def serving(settings: WorkerSettings) -> AsyncGenerator[str]:
    """Yields the target of a server with these settings."""
    server = GrpcServer(settings)
    add_EngineServiceServicer_to_server(EngineServicer([]), server.server)
    await server.start((ENGINE_SERVICE,))
    yield f"unix:{settings.grpc_socket}" if settings.grpc_socket else f"{settings.host}:{server.port}"
    await server.stop()


async def describe(channel: aio.Channel) -> object:
    return await EngineServiceStub(channel).DescribeEngines(DescribeEnginesRequest())


async def reflect(channel: aio.Channel) -> object:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(cast(Any, channel))
    requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
    return [each async for each in stub.ServerReflectionInfo(iter(requests))]


async def watch(channel: aio.Channel) -> object:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    async for each in stub.Watch(health_pb2.HealthCheckRequest(service=ENGINE_SERVICE)):
        return each
    return None


async def unknown(channel: aio.Channel) -> object:
    return await channel.unary_unary("/likeness.tts.v1.TtsService/Nothing")(b"")


@pytest.mark.parametrize("call", [describe, reflect, watch, unknown])
@pytest.mark.parametrize("sent", ["", "Bearer wrong", "right", "bearer right", "Bearer right "])
async def test_no_method_answers_without_the_token(call: Call, sent: str) -> None:
    async with serving(worker_settings(grpc_port=0, grpc_token="right")) as target:
        metadata = [("authorization", sent)] if sent else []
        channel = aio.insecure_channel(target, interceptors=[])
        async with channel:
            with pytest.raises(aio.AioRpcError) as caught:
                await call(Sending(channel, metadata) if metadata else channel)  # pyright: ignore[reportArgumentType]
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert "LIKENESS_GRPC_TOKEN" in (caught.value.details() or "")


class Sending:
    """A channel that sends this metadata with each call."""

    def __init__(self, channel: aio.Channel, metadata: list[tuple[str, str]]) -> None:
        self._channel = channel
        self._metadata = metadata

    def __getattr__(self, name: str) -> Callable[..., object]:
        def multi(*arguments: object, **options: object) -> Callable[..., object]:
            call = getattr(self._channel, name)(*arguments, **options)

            def send(request: object) -> object:
                return call(request, metadata=self._metadata)

            return send

        return multi


async def test_a_probe_of_health_needs_no_token() -> None:
    async with (
        serving(worker_settings(grpc_port=0, grpc_token="right")) as target,
        aio.insecure_channel(target) as channel,
    ):
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=ENGINE_SERVICE))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("socket", [True, False], ids=["unix socket", "port"])
async def test_a_client_with_the_same_token_is_answered(tmp_path: Path, socket: bool) -> None:
    changes = {"grpc_socket": str(tmp_path / "grpc")} if socket else {"grpc_port": 0}
    settings = worker_settings(**changes, grpc_token="right")
    async with serving(settings) as target, open_channel(target, settings) as channel:
        assert await describe(channel) is not None


async def test_without_a_token_anyone_is_answered() -> None:
    settings = worker_settings(grpc_port=0)
    async with serving(settings) as target, open_channel(target, settings) as channel:
        assert await describe(channel) is not None


async def test_with_an_authority_only_callers_with_its_certificate_are_answered(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path)
    tls = {
        "grpc_tls_ca": str(files.authority),
        "grpc_tls_cert": str(files.certificate),
        "grpc_tls_key": str(files.key),
    }
    settings = worker_settings(grpc_port=0, **tls)
    strangers = [worker_settings(grpc_tls_ca=str(files.authority)), worker_settings()]
    async with serving(settings) as target:
        async with open_channel(target, settings) as channel:
            assert await describe(channel) is not None
        for stranger in strangers:
            async with open_channel(target, stranger) as channel:
                with pytest.raises(aio.AioRpcError) as caught:
                    await describe(channel)
                assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grpc_tls_cert": "{folder}/certificate.pem"}, "Set both"),
        ({"grpc_tls_key": "{folder}/key.pem"}, "Set both"),
        ({"grpc_tls_cert": "{folder}/certificate.pem", "grpc_tls_key": "/nowhere"}, "/nowhere"),
    ],
)
async def test_a_half_of_a_certificate_is_refused(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    ensure_certificates(tmp_path)
    named = {name: value.format(folder=tmp_path) for name, value in changes.items()}
    with pytest.raises(InvalidArgument, match=message):
        GrpcServer(worker_settings(grpc_port=0, **named))


@pytest.mark.parametrize("token", [None, ""])
@pytest.mark.parametrize("authority", ["", "{folder}/authority.pem"], ids=["no authority", "no certificate"])
async def test_a_port_that_answers_everyone_is_refused_in_production(
    tmp_path: Path, token: str | None, authority: str
) -> None:
    ensure_certificates(tmp_path)
    settings = worker_settings(
        environment="production",
        grpc_port=0,
        grpc_token=token,
        grpc_tls_ca=authority.format(folder=tmp_path),
    )
    with pytest.raises(InvalidArgument, match="Set LIKENESS_GRPC_TOKEN"):
        GrpcServer(settings)


@pytest.mark.parametrize(
    "changes",
    [
        {"grpc_token": "right"},
        {"grpc_socket": "{folder}/grpc"},
        {
            "grpc_tls_ca": "{folder}/authority.pem",
            "grpc_tls_cert": "{folder}/certificate.pem",
            "grpc_tls_key": "{folder}/key.pem",
        },
    ],
    ids=["token", "unix socket", "authority"],
)
async def test_a_protected_port_serves_in_production(tmp_path: Path, changes: dict[str, str]) -> None:
    ensure_certificates(tmp_path)
    named = {name: value.format(folder=tmp_path) for name, value in changes.items()}
    async with serving(worker_settings(environment="production", grpc_port=0, **named)) as target:
        assert target
