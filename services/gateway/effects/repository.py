"""The effect chains that workspaces have stored, in PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.chassis.engine_api.effects import EffectStep
from services.gateway.db.pool import Connection, Record
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.effects")
MAX_CHAINS = 500


@dataclass(frozen=True, slots=True)
class StoredChain:
    """Its steps have all of their amounts."""

    name: str
    description: str
    steps: tuple[EffectStep, ...]
    created_at: datetime


async def every(connection: Connection, workspace: str) -> list[StoredChain]:
    return [_chain(row) for row in await connection.fetch(SQL["list"], workspace)]


async def named(connection: Connection, workspace: str, names: Collection[str]) -> dict[str, StoredChain]:
    """Those that there are, by name."""
    if not names:
        return {}
    rows = await connection.fetch(SQL["named"], workspace, sorted(names))
    return {row["name"]: _chain(row) for row in rows}


async def insert(connection: Connection, workspace: str, chain: StoredChain) -> bool:
    """False if the name is taken, or the workspace has as many as it may."""
    steps = [{"effect": step.effect, "amounts": dict(step.amounts)} for step in chain.steps]
    arguments = (workspace, chain.name, chain.description, steps, chain.created_at, MAX_CHAINS)
    return await connection.fetchval(SQL["insert"], *arguments) is not None


async def delete(connection: Connection, workspace: str, name: str) -> bool:
    return await connection.fetchval(SQL["delete"], workspace, name) is not None


def _chain(row: Record) -> StoredChain:
    steps = tuple(EffectStep(step["effect"], step["amounts"]) for step in row["steps"])
    return StoredChain(row["name"], row["description"], steps, row["created_at"])
