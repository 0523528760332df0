"""Stores engines and their workers in PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf import json_format

from likeness.jobs.v1.engines_pb2 import EngineSpec as EngineSpecMessage
from services.chassis.contracts.jobs import spec_from_proto, spec_to_proto
from services.chassis.engine_api.spec import EngineSpec
from services.gateway.db.pool import Connection
from services.gateway.db.sql import load_queries

SQL = load_queries("services.gateway.engines")


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of one engine, as of its last announcement; `running` counts its stages."""

    id: str
    service: str
    engine: str
    concurrency: int
    running: int
    announced_at: datetime
    started_at: datetime | None = None


async def store(connection: Connection, spec: EngineSpec, worker: Worker) -> None:
    """Stores or replaces the engine and the worker."""
    message = json_format.MessageToDict(spec_to_proto(spec), preserving_proto_field_name=True)
    await connection.execute(SQL["upsert_engine"], spec.service, spec.name, spec.version, message)
    await connection.execute(
        SQL["upsert_worker"],
        worker.id,
        worker.service,
        worker.engine,
        worker.concurrency,
        worker.running,
        worker.announced_at,
    )


async def delete_worker(connection: Connection, worker_id: str, engine: str) -> None:
    await connection.execute(SQL["delete_worker"], worker_id, engine)


async def delete_silent_workers(connection: Connection, since: datetime) -> None:
    await connection.execute(SQL["delete_silent_workers"], since)


async def all_engines(connection: Connection) -> list[EngineSpec]:
    """Returns every engine that was ever announced, whether or not a worker is alive now."""
    rows = await connection.fetch(SQL["select_engines"])
    return [_spec(row["spec"]) for row in rows]


async def live_workers(connection: Connection, since: datetime) -> list[Worker]:
    return [Worker(**row) for row in await connection.fetch(SQL["select_workers"], since)]


def _spec(value: dict[str, Any]) -> EngineSpec:
    return spec_from_proto(json_format.ParseDict(value, EngineSpecMessage(), ignore_unknown_fields=True))
