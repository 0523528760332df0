-- name: workspace_of_key
-- Returns the workspace that a key opens, unless the key was revoked.
-- Parameters: key_hash.
SELECT workspace_id FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL

-- name: ensure_workspace
-- Creates a workspace, named like its id, unless there is one.
-- Parameters: workspace_id.
INSERT INTO workspaces (id, name) VALUES ($1, $1) ON CONFLICT (id) DO NOTHING

-- name: revoke_others
-- Revokes the other keys of that name in the workspace.
-- Parameters: workspace_id, name, key_hash.
UPDATE api_keys SET revoked_at = now()
WHERE workspace_id = $1 AND name = $2 AND key_hash <> $3 AND revoked_at IS NULL

-- name: ensure_key
-- Stores a key unless it is stored already, be it revoked or not.
-- Parameters: key_id, workspace_id, name, key_hash.
INSERT INTO api_keys (id, workspace_id, name, key_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (key_hash) DO NOTHING

-- name: create_workspace
-- Creates a workspace and returns it; returns no row if there is one of that id.
-- Parameters: workspace_id, name.
INSERT INTO workspaces (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id, name, created_at

-- name: list_workspaces
-- Returns all workspaces with the number of keys that open each.
SELECT id, name, created_at,
    (SELECT count(*) FROM api_keys WHERE workspace_id = workspaces.id AND revoked_at IS NULL) AS keys
FROM workspaces ORDER BY created_at, id

-- name: lock_workspace
-- Returns the workspace, which no transaction can use for new rows until this one ends.
-- Parameters: workspace_id.
SELECT id FROM workspaces WHERE id = $1 FOR UPDATE

-- name: count_open_jobs
-- Counts the jobs of a workspace that have not ended.
-- Parameters: workspace_id.
SELECT count(*) FROM jobs WHERE workspace_id = $1 AND status NOT IN ('completed', 'failed', 'cancelled')

-- name: discard_objects
-- Lists all objects of a workspace to be removed from the store, and forgets what referred to them.
-- Parameters: first_key, key_behind_last, workspace_id.
WITH unreferenced AS (
    DELETE FROM artifact_references WHERE object_key >= $1 AND object_key < $2 RETURNING object_key
)
INSERT INTO garbage (object_key, due_at)
SELECT object_key, now() FROM unreferenced
UNION SELECT object_key, now() FROM assets WHERE workspace_id = $3
UNION SELECT object_key, now() FROM uploads WHERE workspace_id = $3
ON CONFLICT (object_key) DO UPDATE SET due_at = excluded.due_at

-- name: delete_workspace
-- Deletes a workspace with all of its rows.
-- Parameters: workspace_id.
DELETE FROM workspaces WHERE id = $1

-- name: create_key
-- Stores a key and returns it without its secret.
-- Parameters: key_id, workspace_id, name, key_hash.
INSERT INTO api_keys (id, workspace_id, name, key_hash) VALUES ($1, $2, $3, $4)
RETURNING id, workspace_id, name, created_at, revoked_at

-- name: list_keys
-- Returns the keys of a workspace, or of all for NULL, without their secrets.
-- Parameters: workspace_id.
SELECT id, workspace_id, name, created_at, revoked_at FROM api_keys
WHERE $1::text IS NULL OR workspace_id = $1 ORDER BY created_at, id

-- name: revoke_key
-- Revokes a key and returns it; one that was revoked before keeps its time.
-- Parameters: key_id.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1
RETURNING id, workspace_id, name, created_at, revoked_at
