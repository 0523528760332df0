-- name: engine_snapshots
-- Returns the workers and the load of engines.
-- Parameters: services, engines, workers_since, max_ready.
SELECT wanted.service, wanted.engine,
       (SELECT coalesce(array_agg(workers.id), '{}') FROM workers
        WHERE workers.service = wanted.service AND workers.engine = wanted.engine
          AND workers.announced_at > $3) AS workers,
       (SELECT count(*) FROM stages
        WHERE stages.service = wanted.service AND stages.engine = wanted.engine
          AND stages.state IN ('queued', 'running') AND stages.state = 'running') AS running,
       (SELECT coalesce(array_agg(id ORDER BY priority, turn_at, job_id, ordinal), '{}') FROM stages
        WHERE stages.service = wanted.service AND stages.engine = wanted.engine
          AND stages.state IN ('queued', 'running') AND stages.state = 'queued') AS queued,
       (SELECT count(*) FROM (
            SELECT FROM stages
            WHERE stages.service = wanted.service AND stages.engine = wanted.engine AND stages.state = 'ready'
            LIMIT $4) AS queue) AS ready
FROM unnest($1::text[], $2::text[]) AS wanted(service, engine)

-- name: find_queue_positions
-- Returns how many ready stages of a workspace are before these jobs in the queues of engines.
-- Parameters: services, engines, workspace_id, max_ready, job_ids.
SELECT queue.* FROM unnest($1::text[], $2::text[]) AS wanted(service, engine), LATERAL (
    SELECT wanted.service, wanted.engine, job_id, (sum(stages) OVER ())::int AS whole,
           coalesce(sum(stages) OVER (
               ORDER BY priority, turn_at, job_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), 0)::int AS before
    FROM (
        SELECT priority, turn_at, job_id, count(*) AS stages
        FROM (
            SELECT priority, turn_at, job_id FROM stages
            WHERE stages.service = wanted.service AND stages.engine = wanted.engine
              AND stages.state = 'ready' AND stages.workspace_id = $3
            ORDER BY priority, turn_at, job_id LIMIT $4) AS head
        GROUP BY priority, turn_at, job_id) AS jobs) AS queue
WHERE queue.job_id = ANY($5::text[])
