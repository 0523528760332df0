"""Asks an S3 server whether it stores objects.

The requests are signed by botocore, but sent without its client: that loads a description of the whole of S3,
which takes longer than the server to start.
"""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from services.chassis.disk import HEALTH_BYTES
from services.cli.stack.credentials import Credentials
from services.cli.stack.http_request import REQUEST_ERRORS, request

BUCKET = "likeness"
REGION = "us-east-1"
PROBED = f"{BUCKET}/.ready"
STEPS = (
    ("PUT", BUCKET, b"", (200, 409)),  # 409: the bucket exists
    ("PUT", PROBED, b"1", (200,)),  # an empty object needs no volume, which the server may not have yet
    ("DELETE", PROBED, b"", (204,)),
)
"""Method, path, body and expected statuses of each request."""
WRITTEN = f"{BUCKET}/health/supervisor"
WRITE_STEPS = (
    ("PUT", WRITTEN, bytes(HEALTH_BYTES), (200,)),  # which needs a volume that takes it
    ("GET", WRITTEN, b"", (200,)),
    ("DELETE", WRITTEN, b"", (204,)),
)
Steps = Sequence[tuple[str, str, bytes, tuple[int, ...]]]


class StoreProbe:
    """Writes an object to the bucket, which is created if it is missing, and deletes it."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self._url = url
        self._credentials = credentials

    async def missing(self) -> str | None:
        """Returns why a step failed; `None` if the store is ready."""
        return await self._failure(STEPS)

    async def refusal(self) -> str | None:
        """Returns why the store does not keep an object now, and give it back; `None` if it does."""
        return await self._failure(WRITE_STEPS)

    async def _failure(self, steps: Steps) -> str | None:
        if not await self._listens():
            return f"nothing listens at {self._url}"
        for method, path, body, expected in steps:
            url = f"{self._url}/{path}"
            headers = self._signature(method, url, body)
            try:
                status, answer = await request(url, method=method, headers=headers, body=body)
            except REQUEST_ERRORS as exc:
                return str(exc) or type(exc).__name__
            if status not in expected:
                return f"{method} {path}: {status} {answer[:300].decode(errors='replace')}"
        return None

    async def _listens(self) -> bool:
        """Tells whether it is worth importing botocore, while the other parts start."""
        address = urlsplit(self._url)
        try:
            _, writer = await asyncio.open_connection(address.hostname, address.port)
        except OSError:
            return False
        writer.close()
        return True

    def _signature(self, method: str, url: str, body: bytes) -> dict[str, str]:
        from botocore import auth, awsrequest, credentials

        signed = awsrequest.AWSRequest(method, url, data=body)
        keys = credentials.Credentials(self._credentials.s3_access_key, self._credentials.s3_secret_key)
        auth.S3SigV4Auth(keys, "s3", REGION).add_auth(signed)
        return dict(signed.headers.items())
