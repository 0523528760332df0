-- name: upsert_engine
INSERT INTO engines (service, name, version, spec, updated_at) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (service, name) DO UPDATE
SET version = excluded.version, spec = excluded.spec, updated_at = now()
WHERE engines.spec <> excluded.spec

-- name: upsert_worker
INSERT INTO workers (id, service, engine, concurrency, running, announced_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id, engine) DO UPDATE
SET concurrency = excluded.concurrency, running = excluded.running,
    announced_at = excluded.announced_at

-- name: delete_worker
DELETE FROM workers WHERE id = $1 AND engine = $2

-- name: forget_silent_workers
DELETE FROM workers WHERE announced_at < $1

-- name: select_engines
SELECT spec FROM engines ORDER BY service, name

-- name: select_workers
SELECT id, service, engine, concurrency, running, started_at, announced_at FROM workers
WHERE announced_at > $1 ORDER BY service, engine, id
