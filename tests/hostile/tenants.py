"""Workspaces and keys on the stack under attack."""

import asyncio
import json
from pathlib import Path

from tests.e2e import stack as stacks

INNOCENT = "innocent"


async def make_key(data: Path, workspace: str) -> str:
    """Makes a workspace with a key, and returns the key."""
    await asyncio.to_thread(stacks.run, "workspaces", "create", workspace, "--data", data)
    made = await asyncio.to_thread(stacks.run, "keys", "create", workspace, "--json", "--data", data)
    return json.loads(made.stdout)["key"]
