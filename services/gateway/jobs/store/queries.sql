-- name: select_job
SELECT * FROM jobs WHERE id = $1 AND workspace_id = $2

-- name: select_jobs
SELECT * FROM jobs WHERE id = ANY($1::text[])

-- name: select_stages
SELECT * FROM stages WHERE job_id = ANY($1::text[]) ORDER BY job_id, ordinal, id

-- name: list_newest
SELECT * FROM jobs
WHERE workspace_id = $1
  AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR kind = $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: list_oldest
SELECT * FROM jobs
WHERE workspace_id = $1
  AND (created_at, id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::text, ''))
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR kind = $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY created_at, id LIMIT $4

-- name: list_batch_last
SELECT * FROM jobs
WHERE workspace_id = $1 AND batch_id = $2 AND ($3::text IS NULL OR split_part(id, '_', 2) < split_part($3, '_', 2))
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR kind = $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY split_part(id, '_', 2) DESC LIMIT $4

-- name: list_batch_first
SELECT * FROM jobs
WHERE workspace_id = $1 AND batch_id = $2 AND ($3::text IS NULL OR split_part(id, '_', 2) > split_part($3, '_', 2))
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR kind = $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY split_part(id, '_', 2) LIMIT $4

-- name: select_events
SELECT id, type, data, created_at FROM events WHERE job_id = $1 AND id > $2 ORDER BY id LIMIT 500

-- name: due_for_retry
SELECT job_id, id, attempt FROM stages
WHERE state = 'retrying' AND not_before <= $1
ORDER BY not_before LIMIT 500

-- name: overrun
SELECT job_id, id, attempt FROM stages
WHERE state = 'running' AND timeout_seconds > 0
  AND started_at + make_interval(secs => timeout_seconds + $2) <= $1
ORDER BY started_at LIMIT 500

-- name: lease_expired
SELECT stages.job_id, stages.id, stages.attempt FROM stages
WHERE stages.lease_expires_at <= $1
  AND (stages.state = 'running'
       OR (stages.state = 'queued' AND EXISTS (
           SELECT 1 FROM workers
           WHERE workers.service = stages.service AND workers.engine = stages.engine
             AND workers.announced_at > $2 AND workers.running < workers.concurrency)))
ORDER BY stages.lease_expires_at LIMIT 500

-- name: select_executions
SELECT executions.* FROM executions JOIN stages ON stages.id = executions.stage_id
WHERE stages.job_id = ANY($1::text[])
ORDER BY executions.started_at, executions.attempt

-- name: find_in_flight
SELECT stages.workspace_id, stages.action_key, stages.id
FROM stages
JOIN unnest($1::text[], $2::text[]) AS wanted(workspace_id, action_key) USING (workspace_id, action_key)
WHERE stages.state IN ('queued', 'running')
