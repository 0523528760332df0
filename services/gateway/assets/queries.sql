-- name: insert_asset
INSERT INTO assets (id, workspace_id, kind, filename, object_key, sha256, media_type, size_bytes, width, height,
                    duration_seconds, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: select_assets
SELECT * FROM assets WHERE workspace_id = $1 AND id = ANY($2::text[])

-- name: list_assets
SELECT * FROM assets
WHERE workspace_id = $1
  AND ($2::text IS NULL
       OR (created_at, id) < (SELECT created_at, id FROM assets WHERE id = $2 AND workspace_id = $1))
ORDER BY created_at DESC, id DESC LIMIT $3

-- name: delete_asset
DELETE FROM assets WHERE workspace_id = $1 AND id = $2 RETURNING object_key

-- name: insert_upload
INSERT INTO uploads (id, workspace_id, object_key, filename) VALUES ($1, $2, $3, $4)

-- name: select_upload
SELECT object_key, filename FROM uploads WHERE workspace_id = $1 AND id = $2

-- name: delete_upload
DELETE FROM uploads WHERE workspace_id = $1 AND id = $2
