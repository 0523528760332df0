-- name: insert
-- Lists objects to be removed from the store; sets a new due time for those listed already.
-- Parameters: object_keys, due_at.
INSERT INTO garbage (object_key, due_at)
SELECT key, $2 FROM unnest($1::text[]) AS key
ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at

-- name: discard_old_uploads
-- Deletes uploads that were never completed and lists their objects to be removed.
-- Parameters: created_until, limit, due_at.
WITH old AS (
    DELETE FROM uploads WHERE id IN (
        SELECT id FROM uploads WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING object_key
)
INSERT INTO garbage (object_key, due_at)
SELECT DISTINCT object_key, $3::timestamptz FROM old
ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at

-- name: sweep_completed_uploads
-- Lists the objects of completed uploads again: their URLs may have been used a second time. Deletes uploads
-- whose URLs are no longer valid.
-- Parameters: swept_until, limit, now, created_until.
WITH due AS (
    SELECT id, object_key, created_at <= $4 AS over FROM uploads
    WHERE swept_at <= $1 ORDER BY swept_at LIMIT $2 FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM uploads USING due WHERE uploads.id = due.id AND due.over
), swept AS (
    UPDATE uploads SET swept_at = $3 FROM due WHERE uploads.id = due.id AND NOT due.over
)
INSERT INTO garbage (object_key, due_at)
SELECT DISTINCT object_key, $3::timestamptz FROM due
ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at

-- name: claim
-- Postpones due objects, so that other gateways leave them alone, and returns whether each is still needed.
-- Parameters: now, limit, claimed_until.
WITH due AS (
    SELECT object_key FROM garbage WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
), unfinished AS (
    SELECT job_id FROM stages WHERE state = 'ready'
    UNION SELECT job_id FROM stages WHERE state IN ('queued', 'running')
    UNION SELECT job_id FROM stages WHERE state = 'retrying'
), inputs AS (
    SELECT input.value ->> 'key' AS object_key
    FROM unfinished JOIN stages USING (job_id), jsonb_each(stages.inputs) AS input
    WHERE input.value ? 'key' AND stages.state NOT IN ('completed', 'failed', 'cancelled')
)
UPDATE garbage SET due_at = $3
FROM due WHERE garbage.object_key = due.object_key
RETURNING garbage.object_key,
    EXISTS (SELECT 1 FROM artifact_references WHERE artifact_references.object_key = due.object_key)
    OR EXISTS (SELECT 1 FROM assets WHERE assets.object_key = due.object_key)
    OR EXISTS (SELECT 1 FROM uploads WHERE uploads.object_key = due.object_key AND swept_at IS NULL) AS referred_to,
    due.object_key IN (SELECT object_key FROM inputs) AS still_read

-- name: take_off_list
-- Deletes objects from the list, unless they were listed again since they were claimed.
-- Parameters: object_keys, claimed_until.
DELETE FROM garbage WHERE object_key = ANY($1::text[]) AND due_at = $2
