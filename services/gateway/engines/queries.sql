-- name: upsert_engine
-- Stores an engine's spec; writes nothing if it is unchanged.
-- Parameters: service, name, version, spec.
INSERT INTO engines (service, name, version, spec, updated_at) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (service, name) DO UPDATE
SET version = excluded.version, spec = excluded.spec, updated_at = now()
WHERE engines.spec <> excluded.spec

-- name: upsert_worker
-- Stores the last announcement of a worker.
-- Parameters: worker_id, service, engine, concurrency, running, announced_at.
INSERT INTO workers (id, service, engine, concurrency, running, announced_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id, engine) DO UPDATE
SET concurrency = excluded.concurrency, running = excluded.running,
    announced_at = excluded.announced_at

-- name: delete_worker
-- Deletes a worker of one engine.
-- Parameters: worker_id, engine.
DELETE FROM workers WHERE id = $1 AND engine = $2

-- name: delete_silent_workers
-- Deletes workers that have not announced themselves since a time.
-- Parameters: announced_since.
DELETE FROM workers WHERE announced_at < $1

-- name: select_engines
-- Returns the specs of all engines.
SELECT spec FROM engines ORDER BY service, name

-- name: select_workers
-- Returns the workers that have announced themselves since a time.
-- Parameters: announced_since.
SELECT id, service, engine, concurrency, running, started_at, announced_at FROM workers
WHERE announced_at > $1 ORDER BY service, engine, id
