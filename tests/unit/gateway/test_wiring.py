import asyncio
import resource
from typing import Any

import pytest

from services.cli.stack.ports import LOOPBACK, free_loopback_ports
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import limits_within_files, until_listening


async def test_the_gateway_goes_on_once_the_store_listens() -> None:
    (port,) = free_loopback_ports(1)
    waiting = asyncio.create_task(until_listening(f"http://{LOOPBACK}:{port}"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.2)
    connected = asyncio.Event()

    async with await asyncio.start_server(lambda _reader, _writer: connected.set(), LOOPBACK, port):
        await asyncio.wait_for(waiting, 10)

        await asyncio.wait_for(connected.wait(), 10)


@pytest.mark.parametrize(
    ("files", "given", "limits"),
    [
        (1024, {}, (768, 192)),
        (1024, {"environment": "dev"}, (768, 768)),
        (1024, {"max_connections_per_address": 1000}, (768, 192)),
        (1024, {"max_connections_per_address": 9}, (768, 9)),
        (1024, {"max_connections": 500, "max_connections_per_address": 400}, (500, 400)),
        (10_000, {}, (4_000, 1_000)),
        (100, {}, (16, 4)),
    ],
)
def test_an_address_gets_its_share_of_the_connections_that_files_allow(
    monkeypatch: pytest.MonkeyPatch, files: int, given: dict[str, Any], limits: tuple[int, int]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", {resource.RLIMIT_NOFILE: (files, files)}.__getitem__)
    required = (
        *("bus_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "database_url"),
        *("tts_grpc_target", "voice_grpc_target", "video_grpc_target"),
    )
    settings = GatewaySettings.model_validate(
        {**dict.fromkeys(required, "x"), "environment": "production", **given}
    )
    found = limits_within_files(settings)
    assert (found.connections, found.connections_per_address) == limits
