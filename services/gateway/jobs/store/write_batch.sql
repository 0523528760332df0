-- name: inserted
-- Stores new jobs.
-- Parameters: jobs.
INSERT INTO jobs SELECT * FROM jsonb_populate_recordset(NULL::jobs, $1)
RETURNING id

-- name: updated
-- Changes jobs whose revision is still the one that was read.
-- Parameters: job_ids, revisions, statuses, progress, endings.
UPDATE jobs
SET status = new.status, progress = new.progress, revision = new.revision + 1,
    result = coalesce(nullif(new.ending -> 'result', 'null'), jobs.result),
    error_code = coalesce(new.ending ->> 'error_code', jobs.error_code),
    error_message = coalesce(new.ending ->> 'error_message', jobs.error_message),
    completed_at = coalesce((new.ending ->> 'completed_at')::timestamptz, jobs.completed_at)
FROM (SELECT id, revision, status, progress, ending::jsonb AS ending
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::smallint[], $5::text[])
          AS sent(id, revision, status, progress, ending)) AS new
WHERE jobs.id = new.id AND jobs.revision = new.revision
RETURNING jobs.id

-- name: stages_inserted
-- Stores the stages of new jobs, and copies that make lost artifacts again.
-- Parameters: stages.
INSERT INTO stages
SELECT new.* FROM jsonb_populate_recordset(NULL::stages, $1) AS new
WHERE new.job_id IN (SELECT id FROM written)

-- name: stages_updated
-- Changes stages of the jobs that were written; null leaves a JSON column as it is.
-- Parameters: stage_ids, job_ids, states, attempts, progress, inputs, action_keys, caches, saved_seconds,
--   billable, outputs, media_seconds, failures, worker_ids, lease_expires_at, not_before, queued_at,
--   started_at, completed_at, error_reasons, error_messages, checks.
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
    AS new(id, job_id, state, attempt, progress, inputs, action_key, cache, saved_seconds, billable,
           outputs, media_seconds, failures, worker_id, lease_expires_at, not_before, queued_at,
           started_at, completed_at, error_reason, error_message, checks)
JOIN updated ON updated.id = new.job_id
WHERE stages.id = new.id

-- name: executions_written
-- Begins or ends deliveries of stages to workers.
-- Parameters: job_ids, stage_ids, attempts, worker_ids, started_at, ended_at, outcomes, reasons, messages.
INSERT INTO executions (stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
SELECT stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message
FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[],
            $7::text[], $8::text[], $9::text[])
    AS new(job_id, stage_id, attempt, worker_id, started_at, ended_at, outcome, reason, message)
WHERE job_id IN (SELECT id FROM written)
ON CONFLICT (stage_id, attempt, worker_id) DO UPDATE
SET ended_at = excluded.ended_at, outcome = excluded.outcome, reason = excluded.reason,
    message = excluded.message

-- name: events_written
-- Appends what clients are told, in order.
-- Parameters: workspace_ids, job_ids, events.
INSERT INTO events (workspace_id, job_id, type, data)
SELECT new.workspace_id, new.job_id, said.event ->> 'type', said.event -> 'data'
FROM unnest($1::text[], $2::text[], $3::text[]) AS new(workspace_id, job_id, events),
     jsonb_array_elements(new.events::jsonb) WITH ORDINALITY AS said(event, place)
WHERE new.job_id IN (SELECT id FROM written)
ORDER BY said.place

-- name: references_written
-- Keeps the artifacts of completed stages from being collected.
-- Parameters: job_ids, object_keys, stage_ids.
INSERT INTO artifact_references (object_key, stage_id)
SELECT object_key, stage_id FROM unnest($1::text[], $2::text[], $3::text[])
    AS new(job_id, object_key, stage_id)
WHERE job_id IN (SELECT id FROM written)
ON CONFLICT DO NOTHING

-- name: outbox_written
-- Stores messages in the transaction of the change that they report.
-- Parameters: job_ids, message_ids, broadcasts, subjects, headers, data.
INSERT INTO outbox (id, broadcast, subject, headers, data)
SELECT id, broadcast, subject, headers::jsonb, data
FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::bytea[])
    AS new(job_id, id, broadcast, subject, headers, data)
WHERE job_id IS NULL OR job_id IN (SELECT id FROM written)

-- name: outbox_cleared
-- Deletes messages that were published.
-- Parameters: message_ids.
DELETE FROM outbox WHERE id = ANY($1::text[])

-- name: garbage_written
-- Lists objects to be removed from the store unless something refers to them.
-- Parameters: object_keys, due_at.
INSERT INTO garbage (object_key, due_at)
SELECT key, due_at FROM unnest($1::text[], $2::timestamptz[]) AS new(key, due_at)
ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at

-- name: notified
-- Wakes the event streams of the jobs.
-- Parameters: channels, payloads.
SELECT count(pg_notify(channel, payload))
FROM unnest($1::text[], $2::text[]) AS new(channel, payload)

-- name: delete_job
-- Deletes a job with everything that belongs to it.
-- Parameters: job_id.
WITH deleted_job AS (
    DELETE FROM jobs WHERE id = $1 RETURNING id
), deleted_stages AS (
    DELETE FROM stages WHERE job_id = $1 RETURNING id
), deleted_executions AS (
    DELETE FROM executions WHERE stage_id IN (SELECT id FROM deleted_stages)
), deleted_references AS (
    DELETE FROM artifact_references WHERE stage_id IN (SELECT id FROM deleted_stages)
)
DELETE FROM events WHERE job_id = $1

-- name: forget_results
-- Marks results with one of these objects as not reusable.
-- Parameters: object_keys.
UPDATE stages SET reusable = false
WHERE id IN (SELECT stage_id FROM artifact_references WHERE object_key = ANY($1::text[])) AND reusable
