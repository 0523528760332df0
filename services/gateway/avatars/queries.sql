-- name: list
SELECT * FROM avatars WHERE workspace_id = $1 ORDER BY created_at DESC, id

-- name: find
SELECT * FROM avatars WHERE workspace_id = $1 AND id = ANY($2::text[])

-- name: insert
INSERT INTO avatars (id, workspace_id, name, image, face, landmarks, created_at)
SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM avatars WHERE workspace_id = $2) < $8
RETURNING id

-- name: delete
DELETE FROM avatars WHERE workspace_id = $1 AND id = $2 RETURNING id
