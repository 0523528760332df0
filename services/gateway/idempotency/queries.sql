-- name: select_key
-- Returns the request hash and the object of a key, unless the key is older than a time.
-- Parameters: workspace_id, key, created_after.
SELECT request_hash, object_id FROM idempotency_keys
WHERE workspace_id = $1 AND key = $2 AND created_at > $3

-- name: claim_key
-- Stores a key with its object and returns the object's id; replaces only a key that has expired.
-- Parameters: workspace_id, key, request_hash, object_id, created_at, expired_until.
INSERT INTO idempotency_keys AS held (workspace_id, key, request_hash, object_id, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id, key) DO UPDATE
SET request_hash = excluded.request_hash, object_id = excluded.object_id, created_at = excluded.created_at
WHERE held.created_at <= $6
RETURNING object_id

-- name: forget_expired
-- Deletes up to 100 expired keys.
-- Parameters: expired_until.
DELETE FROM idempotency_keys
WHERE (workspace_id, key) IN (
    SELECT workspace_id, key FROM idempotency_keys WHERE created_at <= $1
    ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED)
