"""Runs the object store of the local stack: SeaweedFS with its S3 gateway, in one process."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.cli.stack.credentials import Credentials
from services.cli.stack.data_folder import create_private, write_private
from services.cli.stack.ports import LOOPBACK
from services.cli.stack.process import ChildProcess, Command, until_ready
from services.cli.stack.servers.accounts import store_identities
from services.cli.stack.servers.certificates import Certificates, ensure_certificates
from services.cli.stack.servers.nats import wheel_script
from services.cli.stack.servers.store_probe import StoreProbe

START_SECONDS = 120.0
# Its parts stop within milliseconds, but it waits 15 s for them. The operating system has all acknowledged
# data already, so they survive the kill.
STOP_STEPS = ((signal.SIGTERM, 0.2),)
PARTS = ("master", "volume", "filer", "s3")
PORT_NAMES = tuple(f"{part}{suffix}" for part in PARTS for suffix in ("", "_grpc"))
# It holds 230 MiB from its start, and has touched half of them. Below that, its collector would never rest.
MEMORY_LIMIT = "320MiB"
FLAGS = (
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=1024",
    "-volume.max=0",
    "-volume.minFreeSpace=64MiB",
    "-volume.preStopSeconds=0",
    # A lone master leads at once. It would hold an election otherwise, and the volume part, if it came before
    # the end of that, would look for it again only after 5 s.
    "-master.peers=none",
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
[grpc]
ca = {authority}
[https.client]
enabled = true
cert = {certificate}
key = {certificate_key}
ca = {authority}
"""
PART_SECURITY = """\
[{part}]
cert = {certificate}
key = {certificate_key}
ca = {authority}
"""
GUARDED = (
    *(f"grpc.{part}" for part in (*PARTS, "client")),
    *(f"https.{part}" for part in ("master", "volume", "filer")),
)
"""Listeners that ask their callers for the certificate: everything but S3 itself, which checks signatures."""


class SeaweedServer:
    """A SeaweedFS server on loopback. S3 needs keys, its other ports a certificate that only its own parts
    have."""

    name = "s3"

    def __init__(
        self,
        folder: Path,
        log: Path,
        credentials: Credentials,
        ports: Mapping[str, int],
        services: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._services = services
        self._credentials = credentials
        self.ports = {name: ports[name] for name in PORT_NAMES}
        self.child = ChildProcess(
            self.name,
            Command(
                argv=self._argv(),
                environment={**os.environ, "GOMEMLIMIT": MEMORY_LIMIT},
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
        identities = store_identities(self._credentials, self._services)
        write_private(self._config / "s3.json", json.dumps(identities, indent=2) + "\n")
        certificates = await asyncio.to_thread(ensure_certificates, self._config)
        write_private(self._config / "security.toml", self._security(certificates))
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

    def _security(self, certificates: Certificates) -> str:
        files = {
            "authority": json.dumps(str(certificates.authority)),
            "certificate": json.dumps(str(certificates.certificate)),
            "certificate_key": json.dumps(str(certificates.key)),
        }
        parts = [PART_SECURITY.format(part=part, **files) for part in GUARDED]
        return SECURITY.format(key=self._credentials.s3_internal_key, **files) + "".join(parts)
