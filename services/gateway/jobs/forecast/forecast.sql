-- name: engine_slots
-- Returns how many stages the live workers of each engine run at once.
-- Parameters: workers_since.
SELECT service, engine, sum(concurrency)::int AS slots FROM workers
WHERE announced_at > $1
GROUP BY service, engine

-- name: recent_runs
-- Returns the last runs of engines, the newest first.
-- Parameters: services, engines, limit.
SELECT wanted.service, wanted.engine, run.*
FROM unnest($1::text[], $2::text[]) AS wanted(service, engine), LATERAL (
    SELECT unit, work, planned_seconds, media_seconds, started_at, completed_at FROM stages
    WHERE stages.service = wanted.service AND stages.engine = wanted.engine
      AND stages.state = 'completed' AND stages.cache <> 'hit'
      AND stages.completed_at > now() - interval '7 days'
    ORDER BY stages.completed_at DESC LIMIT $3) AS run

-- name: open_stages
-- Returns all stages of up to so many jobs that are under way. Each has a stage that is ready, in flight or retrying.
-- Parameters: max_jobs.
WITH under_way AS (
    SELECT job_id FROM (SELECT job_id FROM stages WHERE state = 'ready' LIMIT 10 * $1) AS ready
    UNION
    SELECT job_id FROM stages WHERE state IN ('queued', 'running')
    UNION
    SELECT job_id FROM (SELECT job_id FROM stages WHERE state = 'retrying' LIMIT 10 * $1) AS retrying
    LIMIT $1
)
SELECT stages.job_id, stages.service, stages.engine, stages.state, stages.priority, stages.turn_at, stages.unit,
       stages.work, stages.planned_seconds, stages.media_seconds, stages.progress, stages.started_at
FROM under_way JOIN stages USING (job_id)
WHERE stages.state NOT IN ('failed', 'cancelled')
ORDER BY stages.job_id, stages.ordinal
