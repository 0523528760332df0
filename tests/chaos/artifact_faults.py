"""Damages artifacts in the object store, and checks that all other artifacts are intact."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.cli.stack.servers.store_probe import BUCKET
from tests.chaos.database import Database
from tests.chaos.stack import ChaosStack
from tests.chaos.violation import Violation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_DIGESTS = 500
RETRY_SECONDS = 0.3
CORRUPT_BYTES = b"this is not what it was"
OUTPUTS = """
SELECT DISTINCT output.value ->> 'key' AS key, output.value ->> 'sha256' AS sha256
FROM jobs JOIN stages ON stages.job_id = jobs.id, jsonb_each(stages.outputs) AS output
WHERE jobs.status = 'completed'
"""
NEEDED_OUTPUTS = """
SELECT DISTINCT output.value ->> 'key' AS key
FROM jobs JOIN stages ON stages.job_id = jobs.id, jsonb_each(stages.outputs) AS output
WHERE jobs.status IN ('queued', 'in_progress') AND stages.state = 'completed'
ORDER BY key LIMIT 200
"""


class ArtifactFaults:
    """Deletes or overwrites artifacts.

    `damaged` are the keys of these: an artifact that no stage has needed since is not made again.
    """

    def __init__(self, stack: ChaosStack, database: Database, rng: random.Random) -> None:
        self.damaged: set[str] = set()
        self._stack = stack
        self._database = database
        self._rng = rng

    async def delete_one(self) -> None:
        """Deletes an output that a video under way may still need."""
        await self._damage(lambda client, key: client.delete_object(Bucket=BUCKET, Key=key))

    async def overwrite_one(self) -> None:
        """Overwrites such an output with other bytes."""
        await self._damage(lambda client, key: client.put_object(Bucket=BUCKET, Key=key, Body=CORRUPT_BYTES))

    async def _damage(self, act: "Callable[[S3Client, str], object]") -> None:
        keys = [row["key"] for row in await self._database.fetch(NEEDED_OUTPUTS)]
        if not keys:
            return
        key = self._rng.choice(keys)
        self.damaged.add(key)
        client = s3_client(self._stack)
        while True:
            try:
                await asyncio.to_thread(act, client, key)
                break
            except (BotoCoreError, ClientError):
                await asyncio.sleep(RETRY_SECONDS)
        client.close()


async def check_artifacts(stack: ChaosStack, database: Database, damaged: Collection[str]) -> list[Violation]:
    """Checks that every output of completed videos is in the store, and the digests of a sample of them."""
    rows = [(row["key"], row["sha256"]) for row in await database.fetch(OUTPUTS) if row["key"] not in damaged]
    return await asyncio.to_thread(compare, stack, rows)


def compare(stack: ChaosStack, rows: Sequence[tuple[str, str]]) -> list[Violation]:
    client = s3_client(stack)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    stored = {each.get("Key") for page in pages for each in page.get("Contents", ())}
    found = [
        Violation("lost", f"the artifact {key} is not in the store") for key, _ in rows if key not in stored
    ]
    for key, sha256 in random.sample(rows, min(MAX_DIGESTS, len(rows))):
        if key in stored and digest_of(client, key) != sha256:
            found.append(Violation("lost", f"the artifact {key} is not what it was"))
    client.close()
    return found


def digest_of(client: "S3Client", key: str) -> str:
    try:
        return hashlib.sha256(client.get_object(Bucket=BUCKET, Key=key)["Body"].read()).hexdigest()
    except ClientError as error:
        return str(error)


def s3_client(stack: ChaosStack) -> "S3Client":
    return boto3.client(  # pyright: ignore[reportUnknownMemberType] - stubs of S3 only
        "s3",
        endpoint_url=stack.s3.url,
        region_name="us-east-1",
        aws_access_key_id=stack.credentials.s3_access_key,
        aws_secret_access_key=stack.credentials.s3_secret_key,
        config=Config(signature_version="s3v4", proxies={}, s3={"addressing_style": "path"}),
    )
