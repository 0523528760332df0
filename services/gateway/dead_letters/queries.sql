-- name: list_dead_letters
-- Lists failed stages with one of the reasons, the newest first, from the first or after another one.
-- Parameters: workspace_id, reasons, after_completed_at, after_stage_id, limit.
SELECT * FROM stages
WHERE workspace_id = $1 AND state = 'failed' AND error_reason = ANY($2::text[])
  AND (completed_at, id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::text, ''))
ORDER BY completed_at DESC, id DESC LIMIT $5

-- name: select_dead_letter
-- Returns a failed stage if it failed for one of the reasons.
-- Parameters: workspace_id, stage_id, reasons.
SELECT * FROM stages
WHERE workspace_id = $1 AND id = $2 AND state = 'failed' AND error_reason = ANY($3::text[])

-- name: redriven
-- Returns the redrives of jobs, each with the job that it runs again.
-- Parameters: job_ids.
SELECT redriven_from, id FROM jobs WHERE redriven_from = ANY($1::text[])

-- name: newest_redrive
-- Returns the last job of the chain of redrives that begins with a job.
-- Parameters: workspace_id, job_id.
WITH RECURSIVE redrives AS (
    SELECT id, 0 AS number FROM jobs WHERE workspace_id = $1 AND id = $2
    UNION ALL
    SELECT jobs.id, redrives.number + 1 FROM jobs JOIN redrives ON jobs.redriven_from = redrives.id
)
SELECT id FROM redrives ORDER BY number DESC LIMIT 1

-- name: lock_job
-- Locks a job until the transaction ends.
-- Parameters: job_id.
SELECT id FROM jobs WHERE id = $1 FOR UPDATE
