-- name: look_up
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
SELECT DISTINCT stages.workspace_id, stages.action_key
FROM unnest($1::text[], $2::text[]) AS wanted(workspace_id, action_key)
JOIN stages USING (workspace_id, action_key)
WHERE stages.billable AND NOT stages.no_cache AND stages.id <> ALL($3::text[])

-- name: engine_loads
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
SELECT id, weight, max_in_flight FROM workspaces
WHERE id = ANY($1::text[]) AND (weight <> 1 OR max_in_flight IS NOT NULL)

-- name: ready_queues
WITH RECURSIVE lines AS (
    (SELECT service, engine, workspace_id, priority FROM stages
     WHERE state = 'ready'
     ORDER BY service, engine, workspace_id, priority LIMIT 1)
    UNION ALL
    SELECT following.* FROM lines, LATERAL (
        SELECT service, engine, workspace_id, priority FROM stages
        WHERE state = 'ready' AND (service, engine, workspace_id, priority)
            > (lines.service, lines.engine, lines.workspace_id, lines.priority)
        ORDER BY service, engine, workspace_id, priority LIMIT 1) AS following
)
SELECT service, engine, workspace_id, priority FROM lines

-- name: heads_of_queues
SELECT line.service, line.engine, line.workspace_id, line.priority, head.*
FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::int[])
    AS line(service, engine, workspace_id, priority, room),
LATERAL (
    SELECT stages.id, stages.job_id, stages.submitted_at, stages.ordinal FROM stages
    WHERE stages.state = 'ready' AND stages.service = line.service AND stages.engine = line.engine
      AND stages.workspace_id = line.workspace_id AND stages.priority = line.priority
      AND (stages.no_cache OR NOT EXISTS (
          SELECT 1 FROM stages AS same
          WHERE same.workspace_id = stages.workspace_id AND same.action_key = stages.action_key
            AND same.state IN ('queued', 'running')))
    ORDER BY stages.submitted_at, stages.job_id, stages.ordinal LIMIT line.room) AS head
