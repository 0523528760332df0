"""The three servers of the local stack: started, stopped, killed, and started again with their data."""

# nats-py types neither the options of a connection nor those of a stream.
# pyright: reportUnknownMemberType=false

import asyncio
import contextlib
import os
import ssl
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
from services.chassis.bus.protocol import Envelope
from services.chassis.bus.subjects import STREAMS, stage_subject, status_subject
from services.cli.errors import StackError
from services.cli.stack.credentials import Credentials
from services.cli.stack.schema import DELETE_WORKERS, SELECT_REVISION
from services.cli.stack.servers.accounts import store_login
from services.cli.stack.servers.nats import NatsServer
from services.cli.stack.servers.postgres import APP_ROLE, OWNER_ROLE, ROLE, PostgresServer
from services.cli.stack.servers.postgres_files import socket_folder
from services.cli.stack.servers.seaweed import PORT_NAMES, SeaweedServer
from services.cli.stack.servers.store_probe import BUCKET, StoreProbe
from services.cli.stack.stack_services import service_names
from services.cli.stack.writes.nats_probe import NatsWriteProbe
from tests.ports import reserve_ports

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Server = PostgresServer | NatsServer | SeaweedServer
CREDENTIALS = Credentials()


def postgres(folder: Path) -> PostgresServer:
    return PostgresServer(folder / "postgres", folder / "postgres.log")


def broker(folder: Path) -> NatsServer:
    port = reserve_ports(1)[0]
    return NatsServer(folder / "nats", folder / "nats.log", CREDENTIALS, port, service_names())


def store(folder: Path) -> SeaweedServer:
    ports = dict(zip(PORT_NAMES, reserve_ports(len(PORT_NAMES)), strict=True))
    return SeaweedServer(folder / "s3", folder / "s3.log", CREDENTIALS, ports, service_names())


def s3_client(
    server: SeaweedServer,
    secret: str = CREDENTIALS.s3_secret_key,
    access_key: str = CREDENTIALS.s3_access_key,
) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
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


async def test_the_gateways_role_reads_and_writes_rows_and_nothing_else(tmp_path: Path) -> None:
    """The tables are of the superuser first, as an older version made them."""
    server = postgres(tmp_path)
    await server.start()
    try:
        await server.query(f"DROP OWNED BY {APP_ROLE}", f"DROP ROLE {APP_ROLE}")
        await server.query(
            f"REASSIGN OWNED BY {OWNER_ROLE} TO {ROLE}",
            f"DROP OWNED BY {OWNER_ROLE}",
            f"DROP ROLE {OWNER_ROLE}",
        )
        await server.query("CREATE TABLE old (word text)", "INSERT INTO old VALUES ('here')")
        await server.query("CREATE SEQUENCE counted")
        await server.stop()
        await server.start()
        owner, app = [await asyncpg.connect(server.url_of(role)) for role in (OWNER_ROLE, APP_ROLE)]
        await owner.execute(
            "ALTER TABLE old ADD COLUMN number int; CREATE TABLE new (id bigserial, word text)"
        )
        assert await app.fetchval("UPDATE old SET number = 1 RETURNING word") == "here"
        assert await app.fetchval("INSERT INTO new (word) VALUES ('x') RETURNING id") == 1
        assert await app.fetchval("DELETE FROM new RETURNING id") == 1
        for statement in NOT_FOR_THE_GATEWAY:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)
        flags = (
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles"
        )
        for role in (owner, app):
            assert await role.fetchval(f"{flags} WHERE rolname = current_user") is False
            await role.close()
    finally:
        await server.stop()


NOT_FOR_THE_GATEWAY = (
    "DROP TABLE old",
    "ALTER TABLE old ADD COLUMN more int",
    "TRUNCATE old",
    "CREATE TABLE mine (word text)",
    "CREATE TEMP TABLE mine (word text)",
    "CREATE ROLE another",
    "CREATE DATABASE another",
    f"SET ROLE {OWNER_ROLE}",
    "COPY old TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
    "ALTER SYSTEM SET log_statement = 'all'",
)


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


async def test_s3_listens_on_loopback_only_and_its_inner_ports_need_its_certificate(tmp_path: Path) -> None:
    server = store(tmp_path)
    await server.start()
    try:
        assert server.child.pid is not None
        connections = psutil.Process(server.child.pid).net_connections("inet")
        listening = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
        answers = {name: await answer(port) for name, port in server.ports.items()}
    finally:
        await server.stop()
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == set(server.ports.values())
    assert {name for name, said in answers.items() if said is not None} == {"s3"}


async def answer(port: int) -> int | None:
    """Returns the status that a caller without a certificate gets; `None` for the end of the connection."""
    import httpx2

    async with httpx2.AsyncClient(verify=False) as http:
        scheme = "http" if await speaks_plainly(port) else "https"
        try:
            return (await http.get(f"{scheme}://127.0.0.1:{port}/dir/status")).status_code
        except (httpx2.TransportError, ssl.SSLError):
            return None


async def speaks_plainly(port: int) -> bool:
    """Tells whether a server answers a request without TLS as one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: store\r\nConnection: close\r\n\r\n")
    said = await reader.read()
    writer.close()
    return said.startswith(b"HTTP/") and b"HTTP request to an HTTPS server" not in said


async def test_accounts_of_services_do_in_the_store_what_services_do_and_no_more(tmp_path: Path) -> None:
    server = store(tmp_path)
    await server.start()
    try:
        owner = s3_client(server)
        owner.put_object(Bucket=BUCKET, Key="ws/sha256/ab/abc", Body=b"x")
        owner.put_object(Bucket=BUCKET, Key="ws/uploads/one", Body=b"x")
        done = {name: what_works(client_of(server, name)) for name in ("gateway", "tts")}
    finally:
        await server.stop()
    assert done["gateway"] == {"get", "put", "get upload", "put upload", "delete", "list"}
    assert done["tts"] == {"get", "put"}


def client_of(server: SeaweedServer, service: str) -> "S3Client":
    access_key, secret_key = store_login(CREDENTIALS, service)
    return s3_client(server, secret_key, access_key)


def what_works(client: "S3Client") -> set[str]:
    result, upload = "ws/sha256/ab/abc", "ws/uploads/one"
    acts: dict[str, Callable[[], object]] = {
        "get": lambda: client.get_object(Bucket=BUCKET, Key=result),
        "put": lambda: client.put_object(Bucket=BUCKET, Key=f"{result}d", Body=b"x"),
        "get upload": lambda: client.get_object(Bucket=BUCKET, Key=upload),
        "put upload": lambda: client.put_object(Bucket=BUCKET, Key=f"{upload}s", Body=b"x"),
        "list": lambda: client.list_objects_v2(Bucket=BUCKET),
        "delete": lambda: client.delete_object(Bucket=BUCKET, Key=f"{result}d"),
        "make public": lambda: client.put_bucket_policy(Bucket=BUCKET, Policy="{}"),
        "make a bucket": lambda: client.create_bucket(Bucket="another"),
        "delete the bucket": lambda: client.delete_bucket(Bucket=BUCKET),
    }
    return {name for name, act in acts.items() if succeeds(act)}


def succeeds(act: Callable[[], object]) -> bool:
    try:
        act()
    except ClientError as error:
        assert "AccessDenied" in str(error)
        return False
    return True


async def test_accounts_of_services_do_on_the_broker_what_services_do_and_no_more(tmp_path: Path) -> None:
    server = broker(tmp_path)
    await server.start()
    try:
        gateway = await NatsBus.connect(server.url_of("gateway"), name="gateway", lease_seconds=2)
        worker = await NatsBus.connect(server.url_of("tts"), name="tts", lease_seconds=2)
        async with worker.consume(stage_subject("tts", "espeak"), prefetch=1) as commands:
            await gateway.publish(Envelope(stage_subject("tts", "espeak"), "1", b"say", {}))
            await (await anext(commands)).ack()
        async with gateway.consume("likeness.status.v1.>", prefetch=1) as statuses:
            await worker.publish(Envelope(status_subject("tts"), "2", b"said", {}))
            await (await anext(statuses)).ack()
        await gateway.check()
        await worker.check()
        await worker.close()
        await gateway.close()
        refused = await refused_by(server)
    finally:
        await server.stop()
    # The client shows errors in lower case.
    assert refused == {
        "publish": {subject.lower() for subject in FORBIDDEN_TO_SEND},
        "subscription": {subject.lower() for subject in FORBIDDEN_TO_READ},
    }


REFUSAL_SECONDS = 10.0
FORBIDDEN_TO_SEND = {
    stage_subject("tts", "espeak"),
    status_subject("voice"),
    "likeness.cancel.v1",
    "$JS.API.STREAM.DELETE.likeness-stages",
    "$JS.API.STREAM.PURGE.likeness-status",
    "$JS.API.STREAM.UPDATE.likeness-stages",
    "$JS.API.STREAM.LIST",
    "$JS.API.CONSUMER.CREATE.likeness-status.all.likeness.status.v1.>",
    "$JS.API.CONSUMER.CREATE.likeness-stages.all.likeness.stages.v1.video.puppet",
    "$JS.API.CONSUMER.DELETE.likeness-stages.any",
    "$SYS.REQ.SERVER.PING",
}
FORBIDDEN_TO_READ = {
    "likeness.stages.v1.>",
    "likeness.status.v1.>",
    "_INBOX.>",
    "_INBOX.gateway.>",
    ">",
    "$SYS.>",
}


async def refused_by(server: NatsServer) -> dict[str, set[str]]:
    """Returns the subjects that a worker may not send to, and those that it may not read."""
    refused: dict[str, set[str]] = {"publish": set(), "subscription": set()}
    complete = asyncio.Event()

    async def note(error: Exception) -> None:
        for kind, subjects in refused.items():
            if f"permissions violation for {kind}" in str(error).lower():
                subjects.add(str(error).split('"')[1])
        if sum(map(len, refused.values())) == len(FORBIDDEN_TO_SEND) + len(FORBIDDEN_TO_READ):
            complete.set()

    connection = await nats.connect(server.url_of("tts"), error_cb=note)
    for subject in FORBIDDEN_TO_SEND:
        await connection.publish(subject, b"")
    for subject in FORBIDDEN_TO_READ:
        await connection.subscribe(subject, cb=ignore_message)
    with contextlib.suppress(TimeoutError):  # the caller shows what is missing
        await asyncio.wait_for(complete.wait(), REFUSAL_SECONDS)
    await connection.close()
    return refused


async def ignore_message(_message: object) -> None:
    """Ignores a message."""


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
