"""The three servers of the local stack: started, stopped, killed, and started again with their data."""

# nats-py types neither the options of a connection nor those of a stream.
# pyright: reportUnknownMemberType=false

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import boto3
import nats
import nats.errors
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from services.chassis.bus.nats.bus import NatsBus
from services.chassis.bus.subjects import STREAMS
from services.cli.errors import StackError
from services.cli.stack.credentials import Credentials
from services.cli.stack.ports import free_loopback_ports
from services.cli.stack.schema import DELETE_WORKERS, SELECT_REVISION
from services.cli.stack.servers.nats import NatsServer
from services.cli.stack.servers.postgres import PostgresServer
from services.cli.stack.servers.postgres_files import socket_folder
from services.cli.stack.servers.seaweed import PORT_NAMES, SeaweedServer
from services.cli.stack.servers.store_probe import BUCKET, StoreProbe
from services.cli.stack.writes.nats_probe import NatsWriteProbe

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Server = PostgresServer | NatsServer | SeaweedServer
CREDENTIALS = Credentials()


def postgres(folder: Path) -> PostgresServer:
    return PostgresServer(folder / "postgres", folder / "postgres.log")


def broker(folder: Path) -> NatsServer:
    return NatsServer(folder / "nats", folder / "nats.log", CREDENTIALS, free_loopback_ports(1)[0])


def store(folder: Path) -> SeaweedServer:
    ports = dict(zip(PORT_NAMES, free_loopback_ports(len(PORT_NAMES)), strict=True))
    return SeaweedServer(folder / "s3", folder / "s3.log", CREDENTIALS, ports)


def s3_client(server: SeaweedServer, secret: str = CREDENTIALS.s3_secret_key) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS.s3_access_key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def connections(process: psutil.Process) -> list[Any]:
    """Returns the connections of a process, or an empty list if it has ended: the one that served the closed
    connection may have."""
    try:
        return process.net_connections("inet")
    except psutil.NoSuchProcess:
        return []


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


@pytest.mark.parametrize("build", [postgres, broker, store])
async def test_a_stopped_server_leaves_no_process_and_only_private_folders(
    build: Callable[[Path], Server], tmp_path: Path
) -> None:
    server = build(tmp_path)
    await server.start()
    assert server.child.pid is not None
    processes = family(server.child.pid)

    await server.stop()

    assert [process for process in processes if process.is_running()] == []
    assert set(folder_modes(tmp_path).values()) == {0o700}


def folder_modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_dir()}


async def test_a_first_start_that_is_cancelled_leaves_no_process_that_writes(tmp_path: Path) -> None:
    starting = asyncio.create_task(postgres(tmp_path).start())
    while not (made := list((tmp_path / "postgres.new").glob("base/1/*"))):
        assert not starting.done(), "initdb ended before a second program of it was seen"
        await asyncio.sleep(0)
    starting.cancel()

    await asyncio.wait([starting])

    assert starting.cancelled()
    assert made
    assert writers(tmp_path) == []


def writers(folder: Path) -> list[psutil.Process]:
    """Returns the processes that were started for the folder and run still."""
    processes = psutil.process_iter(["cmdline"])
    return [each for each in processes if any(str(folder) in word for word in each.info["cmdline"] or ())]


@pytest.mark.parametrize("build", [postgres, broker])
async def test_a_killed_server_starts_again(build: Callable[[Path], Server], tmp_path: Path) -> None:
    server = build(tmp_path)
    await server.start()
    assert server.child.process is not None
    first = server.child.pid
    server.child.process.kill()
    await server.child.wait()

    await server.start()
    try:
        assert server.child.pid != first
        assert server.child.running
    finally:
        await server.stop()


async def test_postgres_keeps_its_data_and_opens_no_port(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    await server.start()
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')")
    version = await connection.fetchval("SHOW server_version")
    await connection.close()
    assert server.child.pid is not None
    listening = [c for p in family(server.child.pid) for c in connections(p)]
    await server.stop()

    again = postgres(tmp_path)
    await again.start()
    try:
        connection = await asyncpg.connect(again.url)
        assert await connection.fetchval("SELECT word FROM kept") == "here"
        await connection.close()
    finally:
        await again.stop()
    assert version.startswith("18")
    assert listening == []


async def test_postgres_returns_rows_or_nothing_if_a_statement_fails(tmp_path: Path) -> None:
    server = postgres(tmp_path)
    await server.start()
    try:
        assert await server.query(SELECT_REVISION, DELETE_WORKERS) is None
        await server.query(
            "CREATE TABLE alembic_version AS SELECT '0042' AS version_num",
            "CREATE TABLE workers AS SELECT 'one' AS id",
        )
        assert await server.query(SELECT_REVISION, DELETE_WORKERS) == "0042"
        assert await server.query("SELECT count(*) FROM workers") == "0"
    finally:
        await server.stop()


async def test_postgres_runs_where_the_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    server = postgres(folder)
    await server.start()
    try:
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        assert socket_folder(folder / "postgres").is_dir()
    finally:
        await server.stop()
    assert not socket_folder(folder / "postgres").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs PostgreSQL himself")
async def test_each_start_by_root_opens_the_parent_folders_to_the_postgres_account(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20)
    folder.mkdir()
    server = postgres(folder)
    await server.start()
    await server.stop()
    folder.chmod(0o700)

    await server.start()
    await server.stop()

    assert folder_modes(tmp_path) == {folder.name: 0o701}


async def test_a_data_folder_of_another_postgres_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")

    with pytest.raises(StackError, match=r"is of PostgreSQL 16, this one is 18.*--data"):
        await postgres(tmp_path).start()


async def test_nats_keeps_a_stream_and_refuses_clients_without_the_password(tmp_path: Path) -> None:
    server = broker(tmp_path)
    await server.start()
    connection = await nats.connect(server.url)
    stream = connection.jetstream()
    await stream.add_stream(name="kept", subjects=["kept"])
    await stream.publish("kept", b"here")
    await connection.close()
    await server.stop()

    await server.start()
    try:
        connection = await nats.connect(server.url)
        assert (await connection.jetstream().stream_info("kept")).state.messages == 1
        await connection.close()
        with pytest.raises((nats.errors.Error, OSError)):
            await nats.connect(f"nats://{server.address}", allow_reconnect=False, error_cb=ignore)
        assert stat.S_IMODE((tmp_path / "nats" / "nats.conf").stat().st_mode) == 0o600
    finally:
        await server.stop()


async def ignore(_error: Exception) -> None:
    """Ignores an error that the test expects. The library would log it."""


async def test_s3_keeps_objects_even_when_killed_and_refuses_other_keys(tmp_path: Path) -> None:
    server = store(tmp_path)
    await server.start()
    body = b"0123456789" * 500_000
    await asyncio.to_thread(s3_client(server).put_object, Bucket=BUCKET, Key="kept", Body=body)
    assert server.child.process is not None
    server.child.process.kill()
    await server.child.wait()

    await server.start()
    try:
        kept = await asyncio.to_thread(s3_client(server).get_object, Bucket=BUCKET, Key="kept")
        assert kept["Body"].read() == body
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            await asyncio.to_thread(s3_client(server, "wrong").get_object, Bucket=BUCKET, Key="kept")
    finally:
        await server.stop()


async def test_s3_has_a_volume_for_objects_when_it_has_started(tmp_path: Path) -> None:
    server = store(tmp_path)
    await server.start()
    await server.stop()
    assert list((tmp_path / "s3" / "data").glob(f"{BUCKET}_*.dat"))


async def test_s3_listens_on_loopback_only_and_its_inner_ports_need_a_token(tmp_path: Path) -> None:
    import httpx2

    server = store(tmp_path)
    await server.start()
    try:
        assert server.child.pid is not None
        connections = psutil.Process(server.child.pid).net_connections("inet")
        listening = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
        async with httpx2.AsyncClient() as http:
            filer = await http.get(f"http://127.0.0.1:{server.ports['filer']}/buckets/{BUCKET}/")
    finally:
        await server.stop()
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == set(server.ports.values())
    assert filer.status_code == 401


async def test_the_error_for_a_taken_port_shows_the_log(tmp_path: Path) -> None:
    first = broker(tmp_path / "one")
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    await first.start()
    second = NatsServer(tmp_path / "two", tmp_path / "two.log", Credentials(), first.ports["nats"])
    try:
        with pytest.raises(StackError, match="address already in use"):
            await second.start()
        assert not second.child.running
    finally:
        await first.stop()


async def test_the_probe_of_nats_stores_a_message_in_each_stream(tmp_path: Path) -> None:
    server = broker(tmp_path)
    await server.start()
    probe = NatsWriteProbe(server.url)
    try:
        assert await probe.refusal() is None  # there are no streams yet
        bus = await NatsBus.connect(server.url, name="test", lease_seconds=60)
        await bus.close()
        connection = await nats.connect(server.url)
        jetstream = connection.jetstream()
        for _ in range(2):
            assert await probe.refusal() is None
        stored = [(await jetstream.stream_info(name)).state.messages for name in STREAMS.values()]
        await jetstream.delete_stream("likeness-status")
        subjects = ["likeness.health.v1.likeness-status"]
        await jetstream.add_stream(
            name="likeness-status", subjects=subjects, allow_rollup_hdrs=True, max_msg_size=100
        )
        refusal = await probe.refusal()
        await connection.close()
    finally:
        await server.stop()

    assert stored == [1, 1]
    assert refusal == "likeness-status: message size exceeds maximum allowed"
    assert await probe.refusal() is not None  # it does not run


async def test_the_probe_of_the_store_keeps_nothing(tmp_path: Path) -> None:
    server = store(tmp_path)
    await server.start()
    try:
        assert await StoreProbe(server.url, CREDENTIALS).refusal() is None
        assert s3_client(server).list_objects_v2(Bucket=BUCKET).get("Contents", []) == []
    finally:
        await server.stop()

    assert await StoreProbe(server.url, CREDENTIALS).refusal() is not None
