-- name: select_video
SELECT * FROM videos WHERE id = $1 AND workspace_id = $2

-- name: select_videos
SELECT * FROM videos WHERE id = ANY($1::text[])

-- name: select_stages
SELECT * FROM stages WHERE video_id = ANY($1::text[]) ORDER BY video_id, ordinal, id

-- name: list_newest
SELECT * FROM videos
WHERE workspace_id = $1
  AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: list_oldest
SELECT * FROM videos
WHERE workspace_id = $1
  AND (created_at, id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::text, ''))
ORDER BY created_at, id LIMIT $4

-- name: list_batch_last
SELECT * FROM videos
WHERE workspace_id = $1 AND batch_id = $2 AND ($3::text IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4

-- name: list_batch_first
SELECT * FROM videos
WHERE workspace_id = $1 AND batch_id = $2 AND ($3::text IS NULL OR id > $3)
ORDER BY id LIMIT $4

-- name: select_events
SELECT id, type, data, created_at FROM events WHERE video_id = $1 AND id > $2 ORDER BY id LIMIT 500

-- name: due_for_retry
SELECT video_id, id, attempt FROM stages
WHERE state = 'retrying' AND not_before <= $1
ORDER BY not_before LIMIT 500

-- name: overrun
SELECT video_id, id, attempt FROM stages
WHERE state = 'running' AND timeout_seconds > 0
  AND started_at + make_interval(secs => timeout_seconds + $2) <= $1
ORDER BY started_at LIMIT 500

-- name: lease_expired
SELECT stages.video_id, stages.id, stages.attempt FROM stages
WHERE stages.lease_expires_at <= $1
  AND (stages.state = 'running'
       OR (stages.state = 'queued' AND EXISTS (
           SELECT 1 FROM workers
           WHERE workers.service = stages.service AND workers.engine = stages.engine
             AND workers.announced_at > $2 AND workers.running < workers.concurrency)))
ORDER BY stages.lease_expires_at LIMIT 500

-- name: engine_situations
SELECT wanted.service, wanted.engine,
       (SELECT coalesce(array_agg(workers.id), '{}') FROM workers
        WHERE workers.service = wanted.service AND workers.engine = wanted.engine
          AND workers.announced_at > $3) AS workers,
       (SELECT coalesce(sum(workers.concurrency), 0)::int FROM workers
        WHERE workers.service = wanted.service AND workers.engine = wanted.engine
          AND workers.announced_at > $3) AS slots,
       (SELECT count(*) FROM stages
        WHERE stages.service = wanted.service AND stages.engine = wanted.engine
          AND stages.state IN ('queued', 'running') AND stages.state = 'running') AS running,
       (SELECT coalesce(array_agg(id ORDER BY priority, submitted_at, video_id, ordinal), '{}') FROM stages
        WHERE stages.service = wanted.service AND stages.engine = wanted.engine
          AND stages.state IN ('queued', 'running') AND stages.state = 'queued') AS queued,
       (SELECT count(*) FROM (
            SELECT FROM stages
            WHERE stages.service = wanted.service AND stages.engine = wanted.engine AND stages.state = 'ready'
            LIMIT $4) AS line) AS ready,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM completed_at - started_at))
        FROM (
            SELECT completed_at, started_at FROM stages
            WHERE stages.service = wanted.service AND stages.engine = wanted.engine
              AND stages.state = 'completed' AND stages.cache <> 'hit'
              AND stages.completed_at > now() - interval '7 days'
            ORDER BY completed_at DESC LIMIT 50) AS recent) AS run_seconds
FROM unnest($1::text[], $2::text[]) AS wanted(service, engine)

-- name: find_places
SELECT line.* FROM unnest($1::text[], $2::text[]) AS wanted(service, engine), LATERAL (
    SELECT wanted.service, wanted.engine, video_id, (sum(stages) OVER ())::int AS whole,
           coalesce(sum(stages) OVER (
               ORDER BY priority, submitted_at, video_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0)::int AS before
    FROM (
        SELECT priority, submitted_at, video_id, count(*) AS stages
        FROM (
            SELECT priority, submitted_at, video_id FROM stages
            WHERE stages.service = wanted.service AND stages.engine = wanted.engine
              AND stages.state = 'ready' AND stages.workspace_id = $3
            ORDER BY priority, submitted_at, video_id LIMIT $4) AS head
        GROUP BY priority, submitted_at, video_id) AS videos) AS line
WHERE line.video_id = ANY($5::text[])

-- name: select_executions
SELECT executions.* FROM executions JOIN stages ON stages.id = executions.stage_id
WHERE stages.video_id = ANY($1::text[])
ORDER BY executions.started_at, executions.attempt

-- name: find_in_flight
SELECT stages.workspace_id, stages.action_key, stages.id
FROM stages
JOIN unnest($1::text[], $2::text[]) AS wanted(workspace_id, action_key) USING (workspace_id, action_key)
WHERE stages.state IN ('queued', 'running')
