"""Stores idempotency keys in PostgreSQL for a day, each with the object that it has created."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries
from services.gateway.http.errors import invalid

SQL = load_queries("services.gateway.idempotency")
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's key and the hash of the request that it is used for. Equal requests have equal hashes."""

    workspace_id: str
    key: str
    request_hash: bytes


class AlreadyMade(Exception):
    """The key has created this object, for the same request."""

    def __init__(self, object_id: str) -> None:
        super().__init__(object_id)
        self.object_id = object_id


async def object_made(connection: Connection, claim: Claim, now: datetime) -> str | None:
    """Returns the id of the object that the key has created. Raises a 422 if that was for another request."""
    row = await connection.fetchrow(SQL["select_key"], claim.workspace_id, claim.key, now - KEPT)
    if row is not None and row["request_hash"] != claim.request_hash:
        message = (
            "This Idempotency-Key was used for another request in the last 24 hours. "
            "Use a new key for each new request."
        )
        raise invalid("idempotency_key_reused", message, "idempotency-key")
    return row["object_id"] if row else None


async def claim_key(connection: Connection, claim: Claim, object_id: str, now: datetime) -> None:
    """Stores the key with the object. Waits for a transaction that does the same.

    Raises `AlreadyMade`, or the 422 of `object_made`.
    """
    await connection.execute(SQL["forget_expired"], now - KEPT)
    workspace, key = claim.workspace_id, claim.key
    arguments = (workspace, key, claim.request_hash, object_id, now, now - KEPT)
    if await connection.fetchval(SQL["claim_key"], *arguments) is None:
        made = await object_made(connection, claim, now)
        raise AlreadyMade(made or object_id)
