"""What attacks leave behind: jobs that do not end, files, objects without an owner, text in logs."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import asyncpg
import boto3

from services.cli.stack.credentials import load_credentials
from services.cli.stack.servers.store_probe import BUCKET
from tests.hostile.attack import MARKER

POLL_SECONDS = 0.2
INPUTS = "inputs"
OPEN_JOBS = """
SELECT id FROM jobs WHERE workspace_id = $1 AND status NOT IN ('completed', 'failed', 'cancelled') ORDER BY id
"""
KNOWN_OBJECTS = """
SELECT object_key FROM artifact_references UNION SELECT object_key FROM assets
UNION SELECT object_key FROM uploads UNION SELECT object_key FROM garbage
"""


async def open_jobs(database_url: str, workspace: str, seconds: float) -> Sequence[str]:
    """Returns the ids of the workspace's jobs that have not ended after that time at most."""
    connection = await asyncpg.connect(database_url)
    deadline = time.monotonic() + seconds
    try:
        while found := [row["id"] for row in await connection.fetch(OPEN_JOBS, workspace)]:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await connection.close()
    return found


def marked_lines(logs: Path) -> Iterator[str]:
    """Yields the lines of logs that hold text of an attacker."""
    for log in sorted(logs.glob("*.log*")):
        with log.open(errors="replace") as lines:
            yield from (f"{log.name}: {line.strip()[:300]}" for line in lines if MARKER in line)


def files_below(folder: Path) -> set[str]:
    """Returns the paths of all files, without the inputs that workers keep for their next stages."""
    found = (each.relative_to(folder) for each in folder.rglob("*"))
    return {str(each) for each in found if INPUTS not in each.parts[:-1]}


async def unowned_objects(database_url: str, s3_url: str, credentials: Path, seconds: float) -> Sequence[str]:
    """Returns the keys of objects in the store that no table names, after that time at most.

    An object is put before its row is written, and deleted after that: one alone may be on its way.
    """
    deadline = time.monotonic() + seconds
    connection = await asyncpg.connect(database_url)
    try:
        while True:
            stored = await asyncio.to_thread(stored_objects, s3_url, credentials)
            known = {row["object_key"] for row in await connection.fetch(KNOWN_OBJECTS)}
            unowned = sorted(stored - known)
            if not unowned or time.monotonic() > deadline:
                return unowned
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await connection.close()


def stored_objects(s3_url: str, credentials: Path) -> set[str]:
    """Returns the keys of all objects in the stack's bucket."""
    secrets = load_credentials(credentials)
    client: Any = cast(Any, boto3).client(
        "s3",
        endpoint_url=s3_url,
        aws_access_key_id=secrets.s3_access_key,
        aws_secret_access_key=secrets.s3_secret_key,
        region_name="us-east-1",
    )
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {each["Key"] for page in pages for each in page.get("Contents", ())}
