-- name: list
-- Lists the effect chains of a workspace by name.
-- Parameters: workspace_id.
SELECT name, description, steps, created_at FROM effect_chains WHERE workspace_id = $1 ORDER BY name

-- name: named
-- Returns the effect chains of a workspace with these names.
-- Parameters: workspace_id, names.
SELECT name, description, steps, created_at FROM effect_chains WHERE workspace_id = $1 AND name = ANY($2)

-- name: insert
-- Stores an effect chain and returns its name, unless the name is taken or the workspace has the maximum
--   number.
-- Parameters: workspace_id, name, description, steps, created_at, max_chains.
INSERT INTO effect_chains (workspace_id, name, description, steps, created_at)
SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM effect_chains WHERE workspace_id = $1) < $6
ON CONFLICT (workspace_id, name) DO NOTHING
RETURNING name

-- name: delete
-- Deletes an effect chain and returns its name.
-- Parameters: workspace_id, name.
DELETE FROM effect_chains WHERE workspace_id = $1 AND name = $2 RETURNING name
