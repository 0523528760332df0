-- name: inserted
INSERT INTO videos SELECT * FROM jsonb_populate_recordset(NULL::videos, $1)
RETURNING id

-- name: updated
UPDATE videos
SET status = new.status, progress = new.progress, revision = new.revision + 1,
    seconds = coalesce((new.ending ->> 'seconds')::float8, videos.seconds),
    error_code = coalesce(new.ending ->> 'error_code', videos.error_code),
    error_message = coalesce(new.ending ->> 'error_message', videos.error_message),
    completed_at = coalesce((new.ending ->> 'completed_at')::timestamptz, videos.completed_at)
FROM (SELECT id, revision, status, progress, ending::jsonb AS ending
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::smallint[], $5::text[])
          AS sent(id, revision, status, progress, ending)) AS new
WHERE videos.id = new.id AND videos.revision = new.revision
RETURNING videos.id

-- name: stages_inserted
INSERT INTO stages
SELECT new.* FROM jsonb_populate_recordset(NULL::stages, $1) AS new
WHERE new.video_id IN (SELECT id FROM written)

-- name: stages_updated
UPDATE stages
SET state = new.state, attempt = new.attempt, progress = new.progress,
    inputs = coalesce(new.inputs::jsonb, stages.inputs), action_key = new.action_key, cache = new.cache,
    saved_seconds = new.saved_seconds, billable = new.billable,
    outputs = coalesce(new.outputs::jsonb, stages.outputs), media_seconds = new.media_seconds,
    failures = coalesce(new.failures::jsonb, stages.failures), worker_id = new.worker_id,
    lease_expires_at = new.lease_expires_at, not_before = new.not_before, queued_at = new.queued_at,
    started_at = new.started_at, completed_at = new.completed_at, error_reason = new.error_reason,
    error_message = new.error_message, checks = coalesce(new.checks::jsonb, stages.checks)
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::real[], $6::text[], $7::text[], $8::text[],
            $9::float8[], $10::boolean[], $11::text[], $12::float8[], $13::text[], $14::text[],
            $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
            $19::timestamptz[], $20::text[], $21::text[], $22::text[])
    AS new(id, video_id, state, attempt, progress, inputs, action_key, cache, saved_seconds, billable,
           outputs, media_seconds, failures, worker_id, lease_expires_at, not_before, queued_at,
           started_at, completed_at, error_reason, error_message, checks)
JOIN updated ON updated.id = new.video_id
WHERE stages.id = new.id

-- name: executions_written
INSERT INTO executions (stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
SELECT stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message
FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[],
            $7::text[], $8::text[], $9::text[])
    AS new(video_id, stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
WHERE video_id IN (SELECT id FROM written)
ON CONFLICT (stage_id, attempt, worker_id) DO UPDATE
SET ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason,
    message = excluded.message

-- name: events_written
INSERT INTO events (video_id, type, data)
SELECT new.video_id, said.event ->> 'type', said.event -> 'data'
FROM unnest($1::text[], $2::text[]) AS new(video_id, events),
     jsonb_array_elements(new.events::jsonb) WITH ORDINALITY AS said(event, place)
WHERE new.video_id IN (SELECT id FROM written)
ORDER BY said.place

-- name: references_written
INSERT INTO artifact_references (object_key, stage_id)
SELECT object_key, stage_id FROM unnest($1::text[], $2::text[], $3::text[])
    AS new(video_id, object_key, stage_id)
WHERE video_id IN (SELECT id FROM written)
ON CONFLICT DO NOTHING

-- name: outbox_written
INSERT INTO outbox (id, broadcast, subject, headers, data)
SELECT id, broadcast, subject, headers::jsonb, data
FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::bytea[])
    AS new(video_id, id, broadcast, subject, headers, data)
WHERE video_id IS NULL OR video_id IN (SELECT id FROM written)

-- name: outbox_cleared
DELETE FROM outbox WHERE id = ANY($1::text[])

-- name: garbage_written
INSERT INTO garbage (object_key, due_at)
SELECT key, due_at FROM unnest($1::text[], $2::timestamptz[]) AS new(key, due_at)
ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at

-- name: notified
SELECT count(pg_notify(channel, payload))
FROM unnest($1::text[], $2::text[]) AS new(channel, payload)

-- name: delete_video
WITH gone AS (
    DELETE FROM videos WHERE id = $1 RETURNING id
), made AS (
    DELETE FROM stages WHERE video_id = $1 RETURNING id
), executions_gone AS (
    DELETE FROM executions WHERE stage_id IN (SELECT id FROM made)
), references_gone AS (
    DELETE FROM artifact_references WHERE stage_id IN (SELECT id FROM made)
)
DELETE FROM events WHERE video_id = $1

-- name: forget_results
UPDATE stages SET reusable = false
WHERE id IN (SELECT stage_id FROM artifact_references WHERE object_key = ANY($1::text[])) AND reusable
