-- name: list_dead_letters
SELECT * FROM stages
WHERE workspace_id = $1 AND state = 'failed' AND error_reason = ANY($2::text[])
  AND (completed_at, id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::text, ''))
ORDER BY completed_at DESC, id DESC LIMIT $5

-- name: select_dead_letter
SELECT * FROM stages
WHERE workspace_id = $1 AND id = $2 AND state = 'failed' AND error_reason = ANY($3::text[])

-- name: redriven
SELECT redriven_from, id FROM jobs WHERE redriven_from = ANY($1::text[])

-- name: newest_redrive
WITH RECURSIVE redrives AS (
    SELECT id, 0 AS number FROM jobs WHERE workspace_id = $1 AND id = $2
    UNION ALL
    SELECT jobs.id, redrives.number + 1 FROM jobs JOIN redrives ON jobs.redriven_from = redrives.id
)
SELECT id FROM redrives ORDER BY number DESC LIMIT 1

-- name: lock_job
SELECT id FROM jobs WHERE id = $1 FOR UPDATE
