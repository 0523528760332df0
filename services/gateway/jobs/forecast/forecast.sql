-- name: engine_slots
-- Returns how many stages the live workers of each engine run at once.
-- Parameters: workers_since.
SELECT service, engine, sum(concurrency)::int AS slots FROM workers
WHERE announced_at > $1
GROUP BY service, engine

-- name: recent_runs
-- Returns the last runs of engines, the newest first: those of which it is known how much there was to do.
-- Parameters: services, engines, limit.
SELECT wanted.service, wanted.engine, run.*
FROM unnest($1::text[], $2::text[]) AS wanted(service, engine), LATERAL (
    SELECT unit, work, estimated, planned_seconds, media_seconds, started_at, completed_at FROM stages
    WHERE stages.service = wanted.service AND stages.engine = wanted.engine
      AND stages.state = 'completed' AND stages.cache <> 'hit' AND stages.work > 0 AND stages.attempt = 1
      AND stages.completed_at > now() - interval '7 days'
    ORDER BY stages.completed_at DESC LIMIT $3) AS run

-- name: stages_in_flight
-- Returns the stages that are queued or running.
SELECT job_id, service, engine, state, work, estimated, progress, started_at FROM stages
WHERE state IN ('queued', 'running')

-- name: waiting_stages
-- Returns how many stages of each job wait for each engine, and their work, for up to so many jobs under way.
-- Each of those has a stage that is ready, in flight or retrying.
-- Parameters: max_jobs.
WITH under_way AS (
    SELECT job_id FROM (SELECT job_id FROM stages WHERE state = 'ready' LIMIT 10 * $1) AS ready
    UNION
    SELECT job_id FROM stages WHERE state IN ('queued', 'running')
    UNION
    SELECT job_id FROM (SELECT job_id FROM stages WHERE state = 'retrying' LIMIT 10 * $1) AS retrying
    LIMIT $1
)
SELECT stages.job_id, stages.workspace_id, stages.priority, stages.turn_at, stages.service, stages.engine,
       count(*)::int AS stages, sum(stages.work * (1 - stages.estimated)) AS exact,
       sum(stages.work * stages.estimated) AS estimated
FROM under_way JOIN stages USING (job_id)
WHERE stages.state IN ('waiting', 'ready', 'retrying')
GROUP BY stages.job_id, stages.workspace_id, stages.priority, stages.turn_at, stages.service, stages.engine

-- name: spoken_lengths
-- Returns of jobs that speak scripts how long those were planned and made that have been spoken, and an engine.
-- Parameters: job_ids.
SELECT job_id, min(service) AS service, min(engine) AS engine,
       coalesce(sum(planned_seconds) FILTER (WHERE state = 'completed'), 0) AS planned,
       coalesce(sum(media_seconds) FILTER (WHERE state = 'completed'), 0) AS made
FROM stages
WHERE job_id = ANY($1::text[]) AND unit = 'character'
GROUP BY job_id
