-- name: select_job
-- Returns a job of a workspace.
-- Parameters: job_id, workspace_id.
SELECT * FROM jobs WHERE id = $1 AND workspace_id = $2

-- name: select_jobs
-- Returns jobs of any workspace.
-- Parameters: job_ids.
SELECT * FROM jobs WHERE id = ANY($1::text[])

-- name: select_stages
-- Returns the stages of jobs in the order of their plans.
-- Parameters: job_ids.
SELECT * FROM stages WHERE job_id = ANY($1::text[]) ORDER BY job_id, ordinal, id

-- name: list_newest
-- Lists the jobs of a workspace, the newest first, from the first or after another one.
-- Parameters: workspace_id, after_created_at, after_job_id, limit, status, metadata.
SELECT * FROM jobs
WHERE workspace_id = $1
  AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))
  AND ($5::text IS NULL OR status = $5)
  AND ($6::jsonb IS NULL OR metadata @> $6)
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: list_newest_of_kind
-- Lists the jobs of a workspace and kind, by their own index, the newest first, from the first or after another one.
-- Parameters: workspace_id, after_created_at, after_job_id, limit, status, kind, metadata.
SELECT * FROM jobs
WHERE workspace_id = $1
  AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))
  AND ($5::text IS NULL OR status = $5) AND kind = $6
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: list_oldest
-- Lists the jobs of a workspace, the oldest first, from the first or after another one.
-- Parameters: workspace_id, after_created_at, after_job_id, limit, status, metadata.
SELECT * FROM jobs
WHERE workspace_id = $1
  AND (created_at, id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::text, ''))
  AND ($5::text IS NULL OR status = $5)
  AND ($6::jsonb IS NULL OR metadata @> $6)
ORDER BY created_at, id LIMIT $4

-- name: list_oldest_of_kind
-- Lists the jobs of a workspace and kind, by their own index, the oldest first, from the first or after another one.
-- Parameters: workspace_id, after_created_at, after_job_id, limit, status, kind, metadata.
SELECT * FROM jobs
WHERE workspace_id = $1
  AND (created_at, id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::text, ''))
  AND ($5::text IS NULL OR status = $5) AND kind = $6
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY created_at, id LIMIT $4

-- name: list_batch_last
-- Lists the jobs of a batch against the order of its lines, from the last or after another one.
-- Parameters: workspace_id, batch_id, after_job_id, limit, status, kind, metadata.
SELECT * FROM jobs
WHERE workspace_id = $1 AND batch_id = $2 AND ($3::text IS NULL OR split_part(id, '_', -1) < split_part($3, '_', -1))
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR kind = $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY split_part(id, '_', -1) DESC LIMIT $4

-- name: list_batch_first
-- Lists the jobs of a batch in the order of its lines, from the first or after another one.
-- Parameters: workspace_id, batch_id, after_job_id, limit, status, kind, metadata.
SELECT * FROM jobs
WHERE workspace_id = $1 AND batch_id = $2 AND ($3::text IS NULL OR split_part(id, '_', -1) > split_part($3, '_', -1))
  AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR kind = $6)
  AND ($7::jsonb IS NULL OR metadata @> $7)
ORDER BY split_part(id, '_', -1) LIMIT $4

-- name: select_events
-- Returns up to 500 events of a job after an event.
-- Parameters: job_id, after_event_id.
SELECT id, type, data FROM events WHERE job_id = $1 AND id > $2 ORDER BY id LIMIT 500

-- name: due_for_retry
-- Returns up to 500 stages whose backoff has ended, the longest waiting first.
-- Parameters: now.
SELECT job_id, id, attempt FROM stages
WHERE state = 'retrying' AND not_before <= $1
ORDER BY not_before LIMIT 500

-- name: overrun
-- Returns up to 500 running stages that have exceeded their time limit by the grace period.
-- Parameters: now, grace_seconds.
SELECT job_id, id, attempt FROM stages
WHERE state = 'running' AND timeout_seconds > 0
  AND started_at + make_interval(secs => timeout_seconds + $2) <= $1
ORDER BY started_at LIMIT 500

-- name: lease_expired
-- Returns up to 500 stages whose lease has expired; queued ones only if their engine has an idle worker.
-- Parameters: now, workers_since.
SELECT stages.job_id, stages.id, stages.attempt FROM stages
WHERE stages.lease_expires_at <= $1
  AND (stages.state = 'running'
       OR (stages.state = 'queued' AND EXISTS (
           SELECT 1 FROM workers
           WHERE workers.service = stages.service AND workers.engine = stages.engine
             AND workers.announced_at > $2 AND workers.running < workers.concurrency)))
ORDER BY stages.lease_expires_at LIMIT 500

-- name: select_executions
-- Returns the executions of the stages of jobs in the order of their starts.
-- Parameters: job_ids.
SELECT executions.* FROM executions JOIN stages ON stages.id = executions.stage_id
WHERE stages.job_id = ANY($1::text[])
ORDER BY executions.started_at, executions.attempt

-- name: find_in_flight
-- Returns the queued and running stages with these action keys.
-- Parameters: workspace_ids, action_keys.
SELECT stages.workspace_id, stages.action_key, stages.id
FROM stages
JOIN unnest($1::text[], $2::text[]) AS wanted(workspace_id, action_key) USING (workspace_id, action_key)
WHERE stages.state IN ('queued', 'running')
