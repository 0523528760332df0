-- name: workspace_of_key
SELECT workspace_id FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL

-- name: ensure_workspace
INSERT INTO workspaces (id, name) VALUES ($1, $1) ON CONFLICT (id) DO NOTHING

-- name: revoke_others
UPDATE api_keys SET revoked_at = now()
WHERE workspace_id = $1 AND name = $2 AND key_hash <> $3 AND revoked_at IS NULL

-- name: ensure_key
INSERT INTO api_keys (id, workspace_id, name, key_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (key_hash) DO NOTHING
