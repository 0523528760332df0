"""Runs the object store of the local stack: SeaweedFS with its S3 gateway, in one process."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from services.cli.stack.credentials import Credentials
from services.cli.stack.data_folder import create_private, write_private
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.process import ChildProcess, Command, until_ready
from services.cli.stack.servers.nats import wheel_script
from services.cli.stack.servers.store_probe import StoreProbe

START_SECONDS = 40.0
# Its parts stop within milliseconds, but it waits 15 s for them. The operating system has all acknowledged
# data already, so they survive the kill.
STOP_STEPS = ((signal.SIGTERM, 0.2),)
PARTS = ("master", "volume", "filer", "s3")
PORT_NAMES = tuple(f"{part}{suffix}" for part in PARTS for suffix in ("", "_grpc"))
FLAGS = (
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=1024",
    "-volume.max=0",
    "-volume.minFreeSpace=64MiB",
    "-volume.preStopSeconds=0",
    # A lone master elects itself; the volume part looks for it once and then only every 5 s.
    "-master.electionTimeout=400ms",
    "-master.heartbeatInterval=100ms",
)
SECURITY = """\
[jwt.signing]
key = "{key}-write"
[jwt.signing.read]
key = "{key}-read"
[jwt.filer_signing]
key = "{key}-filer-write"
[jwt.filer_signing.read]
key = "{key}-filer-read"
"""


class SeaweedServer:
    """A SeaweedFS server on loopback. HTTP needs the S3 keys, or a token that only its own parts can sign."""

    name = "s3"

    def __init__(self, folder: Path, log: Path, credentials: Credentials, ports: Mapping[str, int]) -> None:
        self._folder = folder
        self._credentials = credentials
        self.ports = {name: ports[name] for name in PORT_NAMES}
        self.child = ChildProcess(
            self.name,
            Command(
                argv=self._argv(),
                environment={**os.environ, "GOMEMLIMIT": "96MiB"},
                log=log,
            ),
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['s3']}"

    async def start(self) -> None:
        """Starts the server and returns once the bucket exists and stores an object."""
        for folder in (self._folder, self._data, self._config):
            create_private(folder)
        write_private(self._config / "s3.json", json.dumps(self._identities(), indent=2) + "\n")
        write_private(self._config / "security.toml", SECURITY.format(key=self._credentials.s3_internal_key))
        await self.child.start()
        await until_ready(self.child, StoreProbe(self.url, self._credentials).missing, START_SECONDS)

    async def stop(self) -> None:
        await self.child.stop(STOP_STEPS)
        self._remove_sockets()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _config(self) -> Path:
        return self._folder / "config"

    def _argv(self) -> list[str | Path]:
        return [
            wheel_script("weed"),
            "-logtostderr=true",
            f"-config_dir={self._config}",
            "server",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            f"-dir={self._data}",
            "-filer",
            "-s3",
            f"-s3.config={self._config / 's3.json'}",
            *self._port_flags(),
            *FLAGS,
        ]

    def _port_flags(self) -> list[str]:
        return [f"-{part}.port={self.ports[part]}" for part in PARTS] + [
            f"-{part}.port.grpc={self.ports[f'{part}_grpc']}" for part in PARTS
        ]

    def _remove_sockets(self) -> None:
        # The server creates them, and leaves them behind when it is killed.
        for part in PARTS:
            for address in (f"grpc-{self.ports[f'{part}_grpc']}", str(self.ports[part])):
                Path(f"/tmp/seaweedfs-{part}-{address}.sock").unlink(missing_ok=True)

    def _identities(self) -> dict[str, object]:
        keys = {"accessKey": self._credentials.s3_access_key, "secretKey": self._credentials.s3_secret_key}
        return {"identities": [{"name": "likeness", "credentials": [keys], "actions": ["Admin"]}]}
