-- name: list
SELECT name, description, steps, created_at FROM effect_chains WHERE workspace_id = $1 ORDER BY name

-- name: named
SELECT name, description, steps, created_at FROM effect_chains WHERE workspace_id = $1 AND name = ANY($2)

-- name: insert
INSERT INTO effect_chains (workspace_id, name, description, steps, created_at)
SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM effect_chains WHERE workspace_id = $1) < $6
ON CONFLICT (workspace_id, name) DO NOTHING
RETURNING name

-- name: delete
DELETE FROM effect_chains WHERE workspace_id = $1 AND name = $2 RETURNING name
