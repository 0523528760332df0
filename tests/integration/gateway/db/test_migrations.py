"""Migrations of the database's schema."""

import asyncio
import json
import sys
from importlib.resources import files

import asyncpg

from services.chassis.settings import ServiceSettings
from services.gateway.db.migrate import migrate

TABLES = {
    "alembic_version",
    "api_keys",
    "artifact_references",
    "assets",
    "avatars",
    "batches",
    "effect_chains",
    "engines",
    "events",
    "executions",
    "garbage",
    "idempotency_keys",
    "jobs",
    "outbox",
    "pronunciations",
    "stages",
    "uploads",
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


async def test_migrating_twice_changes_nothing(postgres_url: str):
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
    """Several pods may start on a new database."""
    processes = [await migration(postgres_url) for _ in range(3)]
    outcomes = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outcomes
    assert await tables(postgres_url) == TABLES


STAGES_OF_BEFORE = """
INSERT INTO alembic_version VALUES ('0001');
INSERT INTO workspaces (id, name) VALUES ('default', 'default');
INSERT INTO videos (id, workspace_id, status, model, prompt, width, height, seconds, created_at)
VALUES ('v', 'default', 'in_progress', 'puppet', 'Hi.', 64, 64, 2.5, '2026-01-01');
INSERT INTO events (video_id, type, data) VALUES ('v', 'video.in_progress', '{}');
INSERT INTO stages (id, video_id, workspace_id, ordinal, name, service, engine, engine_version, parameters,
                    inputs, timeout_seconds, state, action_key, cached, outputs, started_at, completed_at)
SELECT id, 'v', 'default', row_number() OVER (), id, 'tts', 'espeak', '1', '{}', '{}', 60, state, key, cached,
       outputs::jsonb, '2026-01-01 00:00', '2026-01-01'::timestamptz + took
FROM (VALUES ('made', 'completed', 'k', false, '{"speech": {"key": "o"}}', interval '2 s'),
             ('made later', 'completed', 'k', false, '{"speech": {"key": "o"}}', interval '3 s'),
             ('taken', 'completed', 'k', true, '{"speech": {"key": "o"}}', interval '4 s'),
             ('asked for', 'queued', 'l', false, '{}', NULL),
             ('to come', 'waiting', NULL, false, '{}', NULL)) AS old(id, state, key, cached, outputs, took)
"""


async def test_jobs_from_before_a_migration_continue_after_it(postgres_url: str):
    """The first of two stages that had made the same result is the billed one."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(first_schema())
    await connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    await connection.execute(STAGES_OF_BEFORE)
    await asyncio.to_thread(migrate, postgres_url)
    rows = await connection.fetch("SELECT id, cache, billable, reusable FROM stages ORDER BY ordinal")
    assert [tuple(row) for row in rows] == [
        ("made", "miss", True, True),
        ("made later", "miss", False, True),
        ("taken", "hit", False, True),
        ("asked for", "miss", False, True),
        ("to come", None, False, True),
    ]
    references = await connection.fetch("SELECT object_key, stage_id FROM artifact_references")
    assert sorted(map(tuple, references)) == [("o", "made"), ("o", "made later"), ("o", "taken")]
    job = await connection.fetchrow("SELECT kind, spec, result FROM jobs")
    assert job is not None
    assert (job["kind"], json.loads(job["result"])) == ("video", {"seconds": 2.5})
    assert json.loads(job["spec"]) == {"model": "puppet", "prompt": "Hi.", "width": 64, "height": 64}
    events = await connection.fetch("SELECT workspace_id, job_id, type FROM events")
    assert [tuple(row) for row in events] == [("default", "v", "video.in_progress")]
    turn = await connection.fetchval("SELECT DISTINCT turn_at FROM stages")
    assert turn == await connection.fetchval("SELECT created_at FROM jobs")
    # How much they had to do is not known: their runs say nothing of how fast an engine is.
    assert await connection.fetchval("SELECT DISTINCT work FROM stages") == 0
    await connection.close()


def first_schema() -> str:
    return files("services.gateway.db.migrations.versions").joinpath("0001_initial.sql").read_text()


async def migration(url: str) -> asyncio.subprocess.Process:
    prefix = str(ServiceSettings.model_config.get("env_prefix"))
    settings = {
        "database_url": url,
        "bus_url": "nats://unused",
        "s3_endpoint": "unused",
        "s3_access_key": "unused",
        "s3_secret_key": "unused",
        "tts_grpc_target": "unused",
        "voice_grpc_target": "unused",
        "video_grpc_target": "unused",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.gateway.db.migrate",
        env={f"{prefix}{name.upper()}": value for name, value in settings.items()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
