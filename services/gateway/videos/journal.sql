-- name: write
WITH inserted AS (
    INSERT INTO videos SELECT * FROM jsonb_populate_recordset(NULL::videos, $1)
    RETURNING id
), updated AS (
    UPDATE videos
    SET status = new.status, progress = new.progress, revision = new.revision + 1,
        seconds = coalesce((new.ending ->> 'seconds')::float8, videos.seconds),
        error_code = coalesce(new.ending ->> 'error_code', videos.error_code),
        error_message = coalesce(new.ending ->> 'error_message', videos.error_message),
        completed_at = coalesce((new.ending ->> 'completed_at')::timestamptz, videos.completed_at)
    FROM (SELECT id, revision, status, progress, ending::jsonb AS ending
          FROM unnest($2::text[], $3::bigint[], $4::text[], $5::smallint[], $6::text[])
              AS sent(id, revision, status, progress, ending)) AS new
    WHERE videos.id = new.id AND videos.revision = new.revision
    RETURNING videos.id
), written AS (
    SELECT id FROM inserted UNION ALL SELECT id FROM updated
), stages_inserted AS (
    INSERT INTO stages
    SELECT new.* FROM jsonb_populate_recordset(NULL::stages, $7) AS new
    WHERE new.video_id IN (SELECT id FROM written)
), stages_updated AS (
    UPDATE stages
    SET state = new.state, attempt = new.attempt, progress = new.progress,
        inputs = coalesce(new.inputs::jsonb, stages.inputs), action_key = new.action_key, cache = new.cache,
        saved_seconds = new.saved_seconds, billable = new.billable,
        outputs = coalesce(new.outputs::jsonb, stages.outputs), media_seconds = new.media_seconds,
        failures = coalesce(new.failures::jsonb, stages.failures), worker_id = new.worker_id,
        lease_expires_at = new.lease_expires_at, not_before = new.not_before, queued_at = new.queued_at,
        started_at = new.started_at, completed_at = new.completed_at, error_reason = new.error_reason,
        error_message = new.error_message, checks = coalesce(new.checks::jsonb, stages.checks)
    FROM unnest($8::text[], $9::text[], $10::text[], $11::int[], $12::real[], $13::text[], $14::text[],
                $15::text[], $16::float8[], $17::boolean[], $18::text[], $19::float8[], $20::text[],
                $21::text[], $22::timestamptz[], $23::timestamptz[], $24::timestamptz[], $25::timestamptz[],
                $26::timestamptz[], $27::text[], $28::text[], $29::text[])
        AS new(id, video_id, state, attempt, progress, inputs, action_key, cache, saved_seconds, billable,
               outputs, media_seconds, failures, worker_id, lease_expires_at, not_before, queued_at,
               started_at, completed_at, error_reason, error_message, checks)
    JOIN updated ON updated.id = new.video_id
    WHERE stages.id = new.id
), executions_written AS (
    INSERT INTO executions (stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
    SELECT stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message
    FROM unnest($30::text[], $31::text[], $32::int[], $33::text[], $34::timestamptz[], $35::timestamptz[],
                $36::text[], $37::text[], $38::text[])
        AS new(video_id, stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
    WHERE video_id IN (SELECT id FROM written)
    ON CONFLICT (stage_id, attempt, worker_id) DO UPDATE
    SET ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason,
        message = excluded.message
), events_written AS (
    INSERT INTO events (video_id, type, data)
    SELECT new.video_id, said.event ->> 'type', said.event -> 'data'
    FROM unnest($39::text[], $40::text[]) AS new(video_id, events),
         jsonb_array_elements(new.events::jsonb) WITH ORDINALITY AS said(event, place)
    WHERE new.video_id IN (SELECT id FROM written)
    ORDER BY said.place
), references_written AS (
    INSERT INTO artifact_references (object_key, stage_id)
    SELECT object_key, stage_id FROM unnest($41::text[], $42::text[], $43::text[])
        AS new(video_id, object_key, stage_id)
    WHERE video_id IN (SELECT id FROM written)
    ON CONFLICT DO NOTHING
), outbox_written AS (
    INSERT INTO outbox (id, broadcast, subject, headers, data)
    SELECT id, broadcast, subject, headers::jsonb, data
    FROM unnest($44::text[], $45::text[], $46::boolean[], $47::text[], $48::text[], $49::bytea[])
        AS new(video_id, id, broadcast, subject, headers, data)
    WHERE video_id IS NULL OR video_id IN (SELECT id FROM written)
), outbox_cleared AS (
    DELETE FROM outbox WHERE id = ANY($50::text[])
), garbage_written AS (
    INSERT INTO garbage (object_key, due_at)
    SELECT key, $54 FROM unnest($53::text[]) AS key
    ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at
), notified AS (
    SELECT count(pg_notify($51, payload)) FROM unnest($52::text[]) AS payload
)
SELECT written.id FROM written, notified

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
