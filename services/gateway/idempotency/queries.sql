-- name: select_key
SELECT request_hash, object_id FROM idempotency_keys
WHERE workspace_id = $1 AND key = $2 AND created_at > $3

-- name: claim_key
INSERT INTO idempotency_keys AS held (workspace_id, key, request_hash, object_id, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id, key) DO UPDATE
SET request_hash = excluded.request_hash, object_id = excluded.object_id, created_at = excluded.created_at
WHERE held.created_at <= $6
RETURNING object_id

-- name: forget_expired
DELETE FROM idempotency_keys
WHERE (workspace_id, key) IN (
    SELECT workspace_id, key FROM idempotency_keys WHERE created_at <= $1
    ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED)
