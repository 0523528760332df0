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
