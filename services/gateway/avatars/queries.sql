-- name: list
-- Lists the avatars of a workspace, the newest first.
-- Parameters: workspace_id.
SELECT * FROM avatars WHERE workspace_id = $1 ORDER BY created_at DESC, id

-- name: find
-- Returns the avatars of a workspace by their ids.
-- Parameters: workspace_id, avatar_ids.
SELECT * FROM avatars WHERE workspace_id = $1 AND id = ANY($2::text[])

-- name: insert
-- Stores an avatar and returns its id, unless the workspace has the maximum number. Fails for an image that was
-- deleted meanwhile.
-- Parameters: avatar_id, workspace_id, name, image, face, landmarks, created_at, max_avatars.
INSERT INTO avatars (id, workspace_id, name, image, face, landmarks, created_at)
SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM avatars WHERE workspace_id = $2) < $8
RETURNING id

-- name: delete
-- Deletes an avatar and returns its id.
-- Parameters: workspace_id, avatar_id.
DELETE FROM avatars WHERE workspace_id = $1 AND id = $2 RETURNING id
