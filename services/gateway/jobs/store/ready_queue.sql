-- name: look_up
-- Returns the newest reusable result and the queued and running stages of action keys.
-- Parameters: workspace_ids, action_keys.
SELECT wanted.workspace_id, wanted.action_key, found.*
FROM unnest($1::text[], $2::text[]) AS wanted(workspace_id, action_key),
LATERAL (
    (SELECT stages.id, stages.state, stages.outputs, stages.media_seconds, stages.checks,
            CASE WHEN stages.cache = 'hit' THEN stages.saved_seconds
                 ELSE extract(epoch FROM stages.completed_at - stages.started_at) END AS run_seconds
     FROM stages
     WHERE stages.workspace_id = wanted.workspace_id AND stages.action_key = wanted.action_key
       AND stages.state = 'completed' AND stages.reusable
     ORDER BY stages.workspace_id, stages.action_key, stages.completed_at DESC LIMIT 1)
    UNION ALL
    SELECT stages.id, stages.state, NULL, NULL, NULL, NULL
    FROM stages
    WHERE stages.workspace_id = wanted.workspace_id AND stages.action_key = wanted.action_key
      AND stages.state IN ('queued', 'running')
) AS found

-- name: billed_elsewhere
-- Returns the action keys for which another stage is billed.
-- Parameters: workspace_ids, action_keys, excluded_stage_ids.
SELECT DISTINCT stages.workspace_id, stages.action_key
FROM unnest($1::text[], $2::text[]) AS wanted(workspace_id, action_key)
JOIN stages USING (workspace_id, action_key)
WHERE stages.billable AND NOT stages.no_cache AND stages.id <> ALL($3::text[])

-- name: engine_loads
-- Returns the slots, the backlog, the stages in flight by workspace and the workspaces' limits, for engines.
-- Parameters: services, engines, workers_since, excluded_stage_ids.
SELECT wanted.service, wanted.engine,
       (SELECT coalesce(sum(workers.concurrency), 0)::int FROM workers
        WHERE workers.service = wanted.service AND workers.engine = wanted.engine
          AND workers.announced_at > $3) AS slots,
       EXISTS (SELECT 1 FROM stages
               WHERE stages.service = wanted.service AND stages.engine = wanted.engine
                 AND stages.state = 'ready' AND stages.id <> ALL($4::text[])) AS backlog,
       (SELECT coalesce(jsonb_object_agg(held.workspace_id, held.stages), '{}')
        FROM (SELECT workspace_id, count(*) AS stages FROM stages
              WHERE stages.service = wanted.service AND stages.engine = wanted.engine
                AND stages.state IN ('queued', 'running')
              GROUP BY workspace_id) AS held) AS in_flight,
       (SELECT coalesce(jsonb_object_agg(id, max_in_flight), '{}') FROM workspaces
        WHERE max_in_flight IS NOT NULL) AS bounds
FROM unnest($1::text[], $2::text[]) AS wanted(service, engine)

-- name: workspace_shares
-- Returns the weight and the limit of workspaces whose weight is not 1 or that have a limit.
-- Parameters: workspace_ids.
SELECT id, weight, max_in_flight FROM workspaces
WHERE id = ANY($1::text[]) AND (weight <> 1 OR max_in_flight IS NOT NULL)

-- name: ready_queues
-- Returns the queues that have ready stages; skips through the index from one queue to the next.
WITH RECURSIVE queues AS (
    (SELECT service, engine, workspace_id, priority FROM stages
     WHERE state = 'ready'
     ORDER BY service, engine, workspace_id, priority LIMIT 1)
    UNION ALL
    SELECT following.* FROM queues, LATERAL (
        SELECT service, engine, workspace_id, priority FROM stages
        WHERE state = 'ready' AND (service, engine, workspace_id, priority)
            > (queues.service, queues.engine, queues.workspace_id, queues.priority)
        ORDER BY service, engine, workspace_id, priority LIMIT 1) AS following
)
SELECT service, engine, workspace_id, priority FROM queues

-- name: heads_of_queues
-- Returns the first stages of queues, without those whose action is in flight already.
-- Parameters: services, engines, workspace_ids, priorities, limits.
SELECT queue.service, queue.engine, queue.workspace_id, queue.priority, head.*
FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::int[])
    AS queue(service, engine, workspace_id, priority, room),
LATERAL (
    SELECT stages.id, stages.job_id, stages.turn_at, stages.ordinal FROM stages
    WHERE stages.state = 'ready' AND stages.service = queue.service AND stages.engine = queue.engine
      AND stages.workspace_id = queue.workspace_id AND stages.priority = queue.priority
      AND (stages.no_cache OR NOT EXISTS (
          SELECT 1 FROM stages AS same
          WHERE same.workspace_id = stages.workspace_id AND same.action_key = stages.action_key
            AND same.state IN ('queued', 'running')))
    ORDER BY stages.turn_at, stages.job_id, stages.ordinal LIMIT queue.room) AS head
