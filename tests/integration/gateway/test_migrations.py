"""The schema, from an empty database on."""

import asyncio
import sys

import asyncpg

from services.chassis.settings import ServiceSettings
from services.gateway.migrate import migrate

TABLES = {
    "alembic_version",
    "api_keys",
    "assets",
    "engines",
    "events",
    "outbox",
    "stages",
    "uploads",
    "videos",
    "workers",
    "workspaces",
}


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row["tablename"] for row in rows}
    finally:
        await connection.close()


async def test_migrating_twice_is_migrating_once(postgres_url: str):
    await asyncio.to_thread(migrate, postgres_url)
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("INSERT INTO workspaces (id, name) VALUES ('kept', 'kept')")
    await connection.close()
    await asyncio.to_thread(migrate, postgres_url)
    assert await tables(postgres_url) == TABLES
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT id FROM workspaces") == "kept"
    await connection.close()


async def test_several_gateways_may_migrate_at_once(postgres_url: str):
    """As when several pods start on a new database."""
    processes = [await migration(postgres_url) for _ in range(3)]
    outcomes = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outcomes
    assert await tables(postgres_url) == TABLES


async def migration(url: str) -> asyncio.subprocess.Process:
    prefix = str(ServiceSettings.model_config.get("env_prefix"))
    settings = {
        "database_url": url,
        "bus_url": "nats://unused",
        "s3_endpoint": "unused",
        "s3_access_key": "unused",
        "s3_secret_key": "unused",
        "tts_grpc_target": "unused",
        "video_grpc_target": "unused",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.gateway.migrate",
        env={f"{prefix}{name.upper()}": value for name, value in settings.items()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
