-- name: insert_batch
-- Stores a batch.
-- Parameters: batch_id, workspace_id, total, created_at.
INSERT INTO batches (id, workspace_id, total, created_at) VALUES ($1, $2, $3, $4)

-- name: list_batches
-- Lists the ids of batches, the newest first, from the first or after another one.
-- Parameters: workspace_id, after_created_at, after_batch_id, limit.
SELECT id FROM batches
WHERE workspace_id = $1
  AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: created_at
-- Returns when a batch was created.
-- Parameters: workspace_id, batch_id.
SELECT created_at FROM batches WHERE workspace_id = $1 AND id = $2

-- name: select_batches
-- Returns batches with the counts, the progress and the saved seconds of their jobs, the newest first.
-- Parameters: workspace_id, batch_ids.
SELECT batches.id, batches.total, batches.created_at, batches.cancelled_at, counted.*, spared.saved_seconds
FROM batches,
LATERAL (
    SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
           count(*) FILTER (WHERE status = 'in_progress') AS in_progress,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
           coalesce(sum(CASE WHEN status IN ('queued', 'in_progress') THEN progress ELSE 100 END), 0)
               AS progress,
           max(completed_at) AS last_completed_at
    FROM jobs WHERE jobs.batch_id = batches.id) AS counted,
LATERAL (
    SELECT coalesce(sum(stages.saved_seconds), 0) AS saved_seconds
    FROM jobs JOIN stages ON stages.job_id = jobs.id
    WHERE jobs.batch_id = batches.id) AS spared
WHERE batches.workspace_id = $1 AND batches.id = ANY($2::text[])
ORDER BY batches.created_at DESC, batches.id DESC

-- name: cancel_batch
-- Marks a batch as cancelled, unless it is already or all of its jobs have ended.
-- Parameters: workspace_id, batch_id, now.
UPDATE batches SET cancelled_at = $3
WHERE workspace_id = $1 AND id = $2 AND cancelled_at IS NULL
  AND EXISTS (SELECT FROM jobs WHERE batch_id = $2 AND status IN ('queued', 'in_progress'))

-- name: open_jobs
-- Returns the ids of a batch's jobs that have not ended.
-- Parameters: workspace_id, batch_id.
SELECT id FROM jobs
WHERE workspace_id = $1 AND batch_id = $2 AND status IN ('queued', 'in_progress') ORDER BY id
