"""The objects in the store: whether all are there, and what happens to some of them."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.cli.stack.seaweed import BUCKET
from tests.chaos.stack import ChaosStack
from tests.chaos.truth import Truth
from tests.chaos.violation import Violation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DIGESTS = 500
RETRY_SECONDS = 0.3
SPOILED = b"this is not what it was"
OUTPUTS = """
SELECT DISTINCT output.value ->> 'key' AS key, output.value ->> 'sha256' AS sha256
FROM jobs JOIN stages ON stages.job_id = jobs.id, jsonb_each(stages.outputs) AS output
WHERE jobs.status = 'completed'
"""
NEEDED = """
SELECT DISTINCT output.value ->> 'key' AS key
FROM jobs JOIN stages ON stages.job_id = jobs.id, jsonb_each(stages.outputs) AS output
WHERE jobs.status IN ('queued', 'in_progress') AND stages.state = 'completed'
ORDER BY key LIMIT 200
"""


class ArtifactThief:
    """`harmed` are the keys that it has touched: those that nobody has needed since are not made again."""

    def __init__(self, stack: ChaosStack, truth: Truth, dice: random.Random) -> None:
        self.harmed: set[str] = set()
        self._stack = stack
        self._truth = truth
        self._dice = dice

    async def steal(self) -> None:
        """Deletes an output that a video under way may still need."""
        await self._harm(lambda client, key: client.delete_object(Bucket=BUCKET, Key=key))

    async def spoil(self) -> None:
        """Puts something else in the place of one."""
        await self._harm(lambda client, key: client.put_object(Bucket=BUCKET, Key=key, Body=SPOILED))

    async def _harm(self, act: "Callable[[S3Client, str], object]") -> None:
        keys = [row["key"] for row in await self._truth.fetch(NEEDED)]
        if not keys:
            return
        key = self._dice.choice(keys)
        self.harmed.add(key)
        client = s3_client(self._stack)
        while True:
            try:
                await asyncio.to_thread(act, client, key)
                break
            except (BotoCoreError, ClientError):
                await asyncio.sleep(RETRY_SECONDS)
        client.close()


async def check_artifacts(stack: ChaosStack, truth: Truth, harmed: Collection[str]) -> list[Violation]:
    """Each output of a completed video is there; of many, a sample is read and digested."""
    rows = [(row["key"], row["sha256"]) for row in await truth.fetch(OUTPUTS) if row["key"] not in harmed]
    return await asyncio.to_thread(compare, stack, rows)


def compare(stack: ChaosStack, rows: Sequence[tuple[str, str]]) -> list[Violation]:
    client = s3_client(stack)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    stored = {each.get("Key") for page in pages for each in page.get("Contents", ())}
    found = [
        Violation("lost", f"the artifact {key} is not in the store") for key, _ in rows if key not in stored
    ]
    for key, sha256 in random.sample(rows, min(DIGESTS, len(rows))):
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
    return boto3.client(
        "s3",
        endpoint_url=stack.s3.url,
        region_name="us-east-1",
        aws_access_key_id=stack.credentials.s3_access_key,
        aws_secret_access_key=stack.credentials.s3_secret_key,
        config=Config(signature_version="s3v4", proxies={}, s3={"addressing_style": "path"}),
    )
