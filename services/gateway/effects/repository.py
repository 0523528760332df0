"""Stores the effect chains of workspaces in PostgreSQL."""

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
    """A chain of a workspace, whose steps have all of their amounts."""

    name: str
    description: str
    steps: tuple[EffectStep, ...]
    created_at: datetime


async def every(connection: Connection, workspace: str) -> list[StoredChain]:
    """Returns all chains of the workspace by name."""
    return [_chain(row) for row in await connection.fetch(SQL["list"], workspace)]


async def named(connection: Connection, workspace: str, names: Collection[str]) -> dict[str, StoredChain]:
    """Returns the chains that exist, by name."""
    if not names:
        return {}
    rows = await connection.fetch(SQL["named"], workspace, sorted(names))
    return {row["name"]: _chain(row) for row in rows}


async def insert(connection: Connection, workspace: str, chain: StoredChain) -> bool:
    """Stores the chain. Returns False if the name is taken or the workspace has the maximum number
    already."""
    steps = [{"effect": step.effect, "amounts": dict(step.amounts)} for step in chain.steps]
    arguments = (workspace, chain.name, chain.description, steps, chain.created_at, MAX_CHAINS)
    return await connection.fetchval(SQL["insert"], *arguments) is not None


async def delete(connection: Connection, workspace: str, name: str) -> bool:
    """Deletes the chain. Returns False if there is none."""
    return await connection.fetchval(SQL["delete"], workspace, name) is not None


def _chain(row: Record) -> StoredChain:
    steps = tuple(EffectStep(step["effect"], step["amounts"]) for step in row["steps"])
    return StoredChain(row["name"], row["description"], steps, row["created_at"])
