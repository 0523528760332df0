"""Another user of the machine, who tries everything that a running stack listens on, without a credential.

Run by root as `python -m tests.hostile.intruder`: it gives up all rights before it begins. It reads what to
try as JSON from its input, and prints what it got.
"""

import codecs
import http.client
import json
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from typing import Any, cast

import grpc

NOBODY = 65534
SECONDS = 3.0
READ_PATHS = (
    "/",
    "/status",
    "/dir/status",
    "/dir/assign",
    "/dir/assign?collection=likeness",
    "/dir/lookup?volumeId=1",
    "/dir/lookup?fileId=1,0133&read=yes",
    "/cluster/status",
    "/vol/status",
    "/vol/grow?count=1",
    "/col/delete?collection=likeness",
    "/stats/counter",
    "/stats/disk",
    "/ui/index.html",
    "/buckets/",
    "/buckets/likeness/?pretty=y",
    "/likeness",
    "/likeness/?list-type=2",
    "/likeness/?policy",
    "/1,0133",
    "/varz",
    "/jsz",
    "/connz?auth=1",
    "/debug/pprof/",
    "/v1/videos",
    "/v1/jobs",
    "/v1/assets",
    "/v1/engines",
    "/v1/voices",
    "/v1/dead-letters",
)
WRITES = (
    ("POST", "/submit"),
    ("POST", "/dir/assign"),
    ("PUT", "/likeness/default/sha256/ab/abc"),
    ("POST", "/buckets/likeness/written"),
    ("DELETE", "/likeness/default/sha256/ab/abc"),
    ("PUT", "/stolen"),
    ("POST", "/1,0133"),
    ("POST", "/v1/videos"),
    ("POST", "/v1/audio/speech"),
)
GRPC_METHODS = (
    "/master_pb.Seaweed/VolumeList",
    "/master_pb.Seaweed/Assign",
    "/master_pb.Seaweed/LeaseAdminToken",
    "/volume_server_pb.VolumeServer/VolumeServerStatus",
    "/volume_server_pb.VolumeServer/ReadAllNeedles",
    "/filer_pb.SeaweedFiler/ListEntries",
    "/filer_pb.SeaweedFiler/CreateEntry",
    "/filer_pb.SeaweedFiler/GetFilerConfiguration",
    "/iam_pb.SeaweedIdentityAccessManagement/ListUsers",
    "/messaging_pb.SeaweedS3IamCache/PutIdentity",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    "/likeness.jobs.v1.EngineService/DescribeEngines",
    "/likeness.tts.v1.TtsService/Synthesize",
    "/likeness.voice.v1.VoiceService/Convert",
    "/likeness.video.v1.VideoService/InspectPortrait",
)
NATS_LOGINS: tuple[dict[str, str], ...] = (
    {},
    {"user": "likeness", "pass": ""},
    {"user": "gateway", "pass": "gateway"},
    {"user": "tts", "pass": ""},
    {"auth_token": "likeness"},
)


def main() -> None:
    wanted: dict[str, Any] = json.load(sys.stdin)
    # Imported before its files can no longer be read.
    grpc.insecure_channel("127.0.0.1:9").close()
    codecs.lookup("idna")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    probes = {
        "http": partial(over_http, tls=False),
        "https": partial(over_http, tls=True),
        "grpc": over_grpc,
        "grpc-tls": partial(over_grpc, authority=wanted["authority"]),
        "nats": over_nats,
    }
    ports: dict[str, int] = wanted["ports"]
    with ThreadPoolExecutor(len(probes) * len(ports)) as pool:
        running = {
            protocol: {name: pool.submit(listed, probe, port) for name, port in ports.items()}
            for protocol, probe in probes.items()
        }
    got = {
        **{
            protocol: {name: done.result() for name, done in tried.items()}
            for protocol, tried in running.items()
        },
        "sockets": [path for path in wanted["sockets"] if connects(path)],
        "files": [path for path in wanted["files"] if can_read(path)],
        "folders": [path for path in wanted["folders"] if can_list(path) or can_write(path)],
        "processes": [pid for pid in wanted["processes"] if can_read(f"/proc/{pid}/environ")],
    }
    json.dump(got, sys.stdout)


def listed(probe: Callable[[int], Iterator[str]], port: int) -> list[str]:
    return list(probe(port))


def over_http(port: int, *, tls: bool) -> Iterator[str]:
    """Yields the requests that were answered with content."""
    tries = [*(("GET", path) for path in READ_PATHS), *WRITES]
    for method, path in tries:
        status, body = request(port, method, path, tls=tls)
        if status < 400 and (body or method != "GET"):
            yield f"{method} {path}: {status}"
        if status == UNANSWERED:
            return  # it speaks another protocol


UNANSWERED = 599
# Without the system's authorities: reading them took most of the intruder's time.
TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUSTING.check_hostname = False
TRUSTING.verify_mode = ssl.CERT_NONE


def request(port: int, method: str, path: str, *, tls: bool) -> tuple[int, bytes]:
    connection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=SECONDS, context=TRUSTING)
        if tls
        else http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    )
    with closing(connection):
        try:
            connection.request(method, path, None if method in ("GET", "DELETE") else b"{}")
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return UNANSWERED, b""


def over_grpc(port: int, *, authority: str = "") -> Iterator[str]:
    """Yields the methods that were answered, or that are known to callers without a credential.

    With an authority, which a server shows to all, it is called by TLS, but without a certificate of ours.
    """
    address = f"127.0.0.1:{port}"
    with (
        grpc.secure_channel(address, grpc.ssl_channel_credentials(authority.encode()))
        if authority
        else grpc.insecure_channel(address)
    ) as channel:
        for method in GRPC_METHODS:
            call = cast("Any", channel).stream_stream(method)
            try:
                answered: list[bytes] = list(call(iter([b""]), timeout=SECONDS))
            except grpc.RpcError as error:
                code: Any = error.code()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
                if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    return  # it does not speak gRPC with strangers
                if code is not grpc.StatusCode.UNAUTHENTICATED:
                    yield f"{method}: {code}"
            else:
                yield f"{method}: {len(answered)} messages"


def over_nats(port: int, seconds: float = SECONDS) -> Iterator[str]:
    """Yields the logins that were taken."""
    for login in NATS_LOGINS:
        try:
            with socket.create_connection(("127.0.0.1", port), seconds) as connection:
                if not connection.recv(4096).startswith(b"INFO "):
                    return
                lines = f"CONNECT {json.dumps(login)}\r\nSUB > 1\r\nPUB likeness.cancel.v1 1\r\nx\r\nPING\r\n"
                connection.sendall(lines.encode())
                answer = verdict(connection)
        except OSError:
            return  # it speaks another protocol, or does not speak first
        if b"PONG" in answer or b"MSG" in answer:
            yield f"{login}: {answer[:100]!r}"


def verdict(connection: socket.socket) -> bytes:
    """Returns what a NATS server says to a login, up to its PONG or its error.

    It keeps the connection if it takes the login: there may be no more to read.
    """
    answer = b""
    with suppress(OSError):
        while not (b"PONG" in answer or b"-ERR" in answer) and (data := connection.recv(4096)):
            answer += data
    return answer


def connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(SECONDS)
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def can_read(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path of /proc too
            file.read(1)
    except OSError:
        return False
    return True


def can_list(path: str) -> bool:
    try:
        os.listdir(path)  # noqa: PTH208 - only whether it may be
    except OSError:
        return False
    return True


def can_write(path: str) -> bool:
    return os.access(path, os.W_OK)


if __name__ == "__main__":
    main()
