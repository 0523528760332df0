"""The object store on S3. Artifacts are immutable and addressed by the digest of their content.

boto3 is imported when a store is first used: it takes long, and a worker is ready before it needs it.
"""

import asyncio
import hashlib
import os
import re
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import quote
from uuid import uuid4

from services.chassis.aio import in_daemon_thread, in_thread
from services.chassis.disk import HEALTH_BYTES, disk_full, is_disk_full
from services.chassis.errors import ArtifactMissing, InvalidArgument, LikenessError, StoreUnavailable
from services.chassis.settings import ServiceSettings

if TYPE_CHECKING:
    from boto3.s3.transfer import TransferConfig
    from botocore.exceptions import ClientError
    from mypy_boto3_s3.client import S3Client

T = TypeVar("T")

BLOCK_BYTES = 1 << 20
SPOOL_BYTES = 8 << 20
"""Streams up to this size are kept in memory while they arrive, larger ones on disk."""
HEALTH_FOLDERS = 16
"""A store may spread its folders over several indexes, of which one can fail."""
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_FORBIDDEN = frozenset({"403", "AccessDenied"})
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_ENDPOINT = re.compile(
    rf"https?://([^/@]*@)?({_LABEL}(\.{_LABEL})*\.?|\[[0-9a-f:.]+\])(:[0-9]{{1,5}})?(/.*)?", re.IGNORECASE
)
_BUCKET_EXISTS = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})


@dataclass(frozen=True, slots=True)
class Artifact:
    """An immutable stored object; `sha256` is lower-case hex."""

    key: str
    sha256: str
    media_type: str
    size_bytes: int


def artifact_key(workspace: str, sha256: str) -> str:
    """Returns the key under which content with this digest is stored."""
    return f"{workspace}/sha256/{sha256[:2]}/{sha256}"


class ObjectStore:
    """Client of one bucket.

    Every method raises `StoreUnavailable` if the store does not answer, after a bounded time.
    """

    def __init__(
        self, build_client: "Callable[[str], S3Client]", endpoint: str, public_endpoint: str, bucket: str
    ) -> None:
        """Connects to nothing. `build_client` is called once for each endpoint, when it is first used."""
        self._build_client = build_client
        self._endpoint = endpoint
        self._public_endpoint = public_endpoint
        self._bucket = bucket
        self._clients: dict[str, S3Client] = {}
        self._building = threading.Lock()
        # A process that is started again in its container finds, and replaces, what a killed one has left.
        self._process = f"{socket.gethostname()}-{os.getpid()}"
        self._checks_passed = 0

    @classmethod
    def from_settings(cls, settings: ServiceSettings) -> "ObjectStore":
        """Returns a store by the `s3_…` settings. Raises `InvalidArgument` for an address that is no URL."""
        public_endpoint = settings.s3_public_endpoint or settings.s3_endpoint
        _check_endpoint("LIKENESS_S3_ENDPOINT", settings.s3_endpoint)
        _check_endpoint("LIKENESS_S3_PUBLIC_ENDPOINT", public_endpoint)
        build_client = partial(_build_client, settings)
        return cls(build_client, settings.s3_endpoint, public_endpoint, settings.s3_bucket)

    @property
    def _client(self) -> "S3Client":
        return self._client_of(self._endpoint)

    @property
    def _public(self) -> "S3Client":
        """Only signs URLs: it knows the store by the address that clients use."""
        return self._client_of(self._public_endpoint)

    def _client_of(self, endpoint: str) -> "S3Client":
        with self._building:
            if endpoint not in self._clients:
                self._clients[endpoint] = self._build_client(endpoint)
            return self._clients[endpoint]

    async def open(self) -> None:
        """Builds the clients, which the first use would wait for otherwise. Connects to nothing.

        A cancelled caller, or the end of the process, waits for no import.
        """
        await in_daemon_thread(lambda: (self._client, self._public))

    async def identify(self, workspace: str, path: Path, media_type: str) -> Artifact:
        """Returns the artifact that `put_file` would store. Connects to nothing."""
        return await self._call(lambda: _identified(workspace, path, media_type))

    async def put_file(self, workspace: str, path: Path, media_type: str) -> Artifact:
        """Stores the content of the file `path`."""
        return await self._call(lambda: self._put(workspace, path.open("rb"), media_type))

    async def put_bytes(self, workspace: str, data: bytes, media_type: str) -> Artifact:
        """Stores `data`."""

        async def single_chunk() -> AsyncIterator[bytes]:
            yield data

        return await self.put_stream(workspace, single_chunk(), media_type, max_bytes=len(data))

    async def put_stream(
        self, workspace: str, chunks: AsyncIterator[bytes], media_type: str, *, max_bytes: int
    ) -> Artifact:
        """Stores the chunks as one object.

        Raises `InvalidArgument` as soon as there are more than `max_bytes`; nothing is stored then.
        """
        spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - `_put` closes it
        try:
            size = 0
            async for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise InvalidArgument(f"The upload is larger than the limit of {max_bytes} bytes.")
                with _translated_errors(""):
                    await asyncio.to_thread(spool.write, chunk)
            return await self._call(lambda: self._put(workspace, spool, media_type))
        finally:
            spool.close()

    async def fetch(self, artifact: Artifact, path: Path) -> Path:
        """Writes the artifact to `path`, which it returns.

        Raises `ArtifactMissing` if the object is gone or its digest does not match.
        """
        await self._call(lambda: self._fetch(artifact, path), missing=artifact.key)
        return path

    async def download(self, key: str, path: Path) -> None:
        """Writes an object to `path` without checking a digest. Raises `ArtifactMissing`."""
        await self._call(lambda: self._download(key, path), missing=key)

    async def read(self, key: str) -> bytes:
        """Returns the content of an object. Raises `ArtifactMissing`."""
        return await self._call(
            lambda: self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read(), missing=key
        )

    async def head(self, key: str) -> int | None:
        """Returns the size of an object in bytes, `None` if there is no such object."""
        return await self._call(lambda: self._head(key))

    async def presign_get(
        self,
        key: str,
        *,
        filename: str,
        media_type: str,
        expires_seconds: int,
        inline: bool,
        head: bool = False,
    ) -> str:
        """Returns a URL that downloads an immutable object as `filename`, or shows it in the browser if
        `inline`.

        A signature is valid for one method: with `head` the URL is for HEAD.
        """
        return self._public.generate_presigned_url(
            "head_object" if head else "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseCacheControl": f"private, max-age={expires_seconds}, immutable",
                "ResponseContentDisposition": _disposition(filename, inline),
                "ResponseContentType": media_type,
            },
            ExpiresIn=expires_seconds,
        )

    async def presign_put(self, key: str, *, media_type: str, size_bytes: int, expires_seconds: int) -> str:
        """Returns a URL that accepts one PUT of exactly `size_bytes` with the header `Content-Type:
        <media_type>`.
        """
        return self._public.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ContentType": media_type,
                "ContentLength": size_bytes,
            },
            ExpiresIn=expires_seconds,
        )

    async def delete(self, key: str) -> None:
        """Deletes an object; a key without an object is no error."""
        await self._call(lambda: self._client.delete_object(Bucket=self._bucket, Key=key))

    async def ensure_bucket(self) -> None:
        """Creates the bucket unless it exists."""
        await self._call(self._ensure_bucket)

    async def check(self) -> None:
        """Raises `StoreUnavailable` unless the store keeps an object now, and gives it back.

        A store whose disk is full still answers everything else.
        """
        await self._call(self._check)

    async def _call(self, work: Callable[[], T], *, missing: str = "") -> T:
        """Runs `work` in a thread; `missing` is the key to report if the object is absent."""
        with _translated_errors(missing):
            return await in_thread(work)

    def _check(self) -> None:
        """Puts, gets and deletes an object. An absent bucket is refused first: some servers would make it.

        Each check that passes is followed by one in another folder. One that fails is repeated in the same.
        """
        bucket, folder = self._bucket, self._checks_passed % HEALTH_FOLDERS
        key = f"health/{folder}/{self._process}"
        self._require_bucket()
        content = uuid4().bytes * (HEALTH_BYTES // 16)
        self._client.put_object(Bucket=bucket, Key=key, Body=content)
        found = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        self._client.delete_object(Bucket=bucket, Key=key)
        if found != content:
            raise StoreUnavailable("The object store does not give back what it has taken.")
        self._checks_passed += 1

    def _require_bucket(self) -> None:
        """Raises the client's error if the bucket is absent, as far as the account may know."""
        from botocore.exceptions import ClientError

        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            # AWS answers holders of s3:ListBucket only, which workers need not have.
            if _code_of(error) not in _FORBIDDEN:
                raise

    def _put(self, workspace: str, file: IO[bytes], media_type: str) -> Artifact:
        """Uploads the file, even if its key exists.

        The stored object may be damaged, or about to be deleted.
        """
        with file:
            file.seek(0)
            sha256, size = _digest(file)
            artifact = Artifact(artifact_key(workspace, sha256), sha256, media_type, size)
            file.seek(0)
            self._client.upload_fileobj(
                file, self._bucket, artifact.key, ExtraArgs={"ContentType": media_type}, Config=_transfer()
            )
            return artifact

    def _fetch(self, artifact: Artifact, path: Path) -> None:
        if self._download(artifact.key, path) != artifact.sha256:
            path.unlink()
            raise ArtifactMissing(
                f"The stored object {artifact.key} is damaged: its digest does not match.",
                artifact_key=artifact.key,
            )

    def _download(self, key: str, path: Path) -> str:
        """Writes the object to `path` and returns the SHA-256 of what has arrived."""
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for block in body.iter_chunks(BLOCK_BYTES):
                digest.update(block)
                file.write(block)
        return digest.hexdigest()

    def _head(self, key: str) -> int | None:
        from botocore.exceptions import ClientError

        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"]
        except ClientError as error:
            if _code_of(error) in _ABSENT:
                return None
            raise

    def _ensure_bucket(self) -> None:
        from botocore.exceptions import ClientError

        try:
            self._client.create_bucket(Bucket=self._bucket)
        except ClientError as error:
            if _code_of(error) not in _BUCKET_EXISTS:
                raise


def _check_endpoint(setting: str, url: str) -> None:
    """Raises `InvalidArgument` unless the S3 client, which is built later, would take the URL."""
    if not _ENDPOINT.fullmatch(url):
        raise InvalidArgument(
            f"{setting} is {url!r}, which is no URL of an S3 server. Give http:// or https:// and a host of "
            "letters, digits, hyphens and dots, with its port if it has one, such as http://127.0.0.1:9000."
        )


def _build_client(settings: ServiceSettings, endpoint: str) -> "S3Client":
    from boto3.session import Session
    from botocore.config import Config

    # botocore's newer default checksums come as trailers, which not every S3 server reads.
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=5,
        read_timeout=30,
        retries={"total_max_attempts": 4, "mode": "standard"},
        max_pool_connections=16,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return Session().client(  # pyright: ignore[reportUnknownMemberType] - stubs of S3 only
        "s3",
        endpoint_url=endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=config,
    )


@cache
def _transfer() -> "TransferConfig":
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(multipart_threshold=64 << 20, max_concurrency=2)


def _disposition(filename: str, inline: bool) -> str:
    """Returns a Content-Disposition header with a quoted name for old clients and any name by RFC 6266."""
    plain = re.sub(r'[^ -~]|["\\]', "_", filename)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _identified(workspace: str, path: Path, media_type: str) -> Artifact:
    with path.open("rb") as file:
        sha256, size = _digest(file)
    return Artifact(artifact_key(workspace, sha256), sha256, media_type, size)


def _digest(file: IO[bytes]) -> tuple[str, int]:
    """Returns the SHA-256 and the size in bytes of the rest of the file."""
    digest, size = hashlib.sha256(), 0
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _code_of(error: "ClientError") -> str:
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def _translated_errors(missing: str) -> Generator[None]:
    """Raises `ArtifactMissing` or `StoreUnavailable` for errors of the S3 client and a full disk."""
    try:
        yield
    except Exception as error:
        if translated := _translated(error, missing):
            raise translated from error
        raise


def _translated(error: Exception, missing: str) -> LikenessError | None:
    """Returns the error to raise; `None` if it is none of the S3 client, and the disk is not full."""
    if is_disk_full(error):
        return disk_full()
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        if missing and _code_of(error) in _ABSENT:
            return ArtifactMissing(f"The stored object {missing} is gone.", artifact_key=missing)
        return StoreUnavailable(f"The object store refused a request: {_code_of(error)}.")
    if isinstance(error, BotoCoreError | Boto3Error):
        return StoreUnavailable(f"The object store cannot be reached: {type(error).__name__}.")
    return None
