-- name: write
WITH written AS (
    UPDATE videos
    SET status = new.status, seconds = new.seconds, progress = new.progress, error_code = new.error_code,
        error_message = new.error_message, completed_at = new.completed_at, revision = new.revision + 1
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::float8[], $5::smallint[], $6::text[], $7::text[],
                $8::timestamptz[])
        AS new(id, revision, status, seconds, progress, error_code, error_message, completed_at)
    WHERE videos.id = new.id AND videos.revision = new.revision
    RETURNING videos.id
), stages_written AS (
    UPDATE stages
    SET state = new.state, attempt = new.attempt, progress = new.progress,
        inputs = coalesce(new.inputs::jsonb, stages.inputs), action_key = new.action_key, cache = new.cache,
        saved_seconds = new.saved_seconds, billable = new.billable,
        outputs = coalesce(new.outputs::jsonb, stages.outputs), media_seconds = new.media_seconds,
        failures = coalesce(new.failures::jsonb, stages.failures), worker_id = new.worker_id,
        lease_expires_at = new.lease_expires_at, not_before = new.not_before, queued_at = new.queued_at,
        started_at = new.started_at, completed_at = new.completed_at, error_reason = new.error_reason,
        error_message = new.error_message, checks = coalesce(new.checks::jsonb, stages.checks)
    FROM unnest($9::text[], $10::text[], $11::text[], $12::int[], $13::real[], $14::text[], $15::text[],
                $16::text[], $17::float8[], $18::boolean[], $19::text[], $20::float8[], $21::text[],
                $22::text[], $23::timestamptz[], $24::timestamptz[], $25::timestamptz[], $26::timestamptz[],
                $27::timestamptz[], $28::text[], $29::text[], $30::text[])
        AS new(id, video_id, state, attempt, progress, inputs, action_key, cache, saved_seconds, billable,
               outputs, media_seconds, failures, worker_id, lease_expires_at, not_before, queued_at,
               started_at, completed_at, error_reason, error_message, checks)
    JOIN written ON written.id = new.video_id
    WHERE stages.id = new.id
), executions_written AS (
    INSERT INTO executions (stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
    SELECT stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message
    FROM unnest($31::text[], $32::text[], $33::int[], $34::text[], $35::timestamptz[], $36::timestamptz[],
                $37::text[], $38::text[], $39::text[])
        AS new(video_id, stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
    WHERE video_id IN (SELECT id FROM written)
    ON CONFLICT (stage_id, attempt, worker_id) DO UPDATE
    SET ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason,
        message = excluded.message
), events_written AS (
    INSERT INTO events (video_id, type, data)
    SELECT video_id, type, data::jsonb FROM unnest($40::text[], $41::text[], $42::text[])
        AS new(video_id, type, data)
    WHERE video_id IN (SELECT id FROM written)
), references_written AS (
    INSERT INTO artifact_references (object_key, stage_id)
    SELECT object_key, stage_id FROM unnest($43::text[], $44::text[], $45::text[])
        AS new(video_id, object_key, stage_id)
    WHERE video_id IN (SELECT id FROM written)
    ON CONFLICT DO NOTHING
), outbox_written AS (
    INSERT INTO outbox (id, broadcast, subject, headers, data)
    SELECT id, broadcast, subject, headers::jsonb, data
    FROM unnest($46::text[], $47::text[], $48::boolean[], $49::text[], $50::text[], $51::bytea[])
        AS new(video_id, id, broadcast, subject, headers, data)
    WHERE video_id IS NULL OR video_id IN (SELECT id FROM written)
), outbox_cleared AS (
    DELETE FROM outbox WHERE id = ANY($52::text[])
), garbage_written AS (
    INSERT INTO garbage (object_key, due_at)
    SELECT key, $56 FROM unnest($55::text[]) AS key
    ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at
), notified AS (
    SELECT count(pg_notify($53, payload)) FROM unnest($54::text[]) AS payload
)
SELECT written.id FROM written, notified

-- name: insert_videos
INSERT INTO videos SELECT * FROM jsonb_populate_recordset(NULL::videos, $1)

-- name: insert_stages
INSERT INTO stages SELECT * FROM jsonb_populate_recordset(NULL::stages, $1)

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
