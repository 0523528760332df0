-- name: insert_asset
-- Stores an asset. Its object is no garbage any more: deleting the asset lists it again.
-- Parameters: asset_id, workspace_id, kind, filename, object_key, sha256, media_type, size_bytes, width, height,
--   duration_seconds, created_at.
WITH kept AS (
    DELETE FROM garbage WHERE object_key = $5
)
INSERT INTO assets (id, workspace_id, kind, filename, object_key, sha256, media_type, size_bytes, width, height,
                    duration_seconds, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: select_assets
-- Returns the assets of a workspace by their ids.
-- Parameters: workspace_id, asset_ids.
SELECT * FROM assets WHERE workspace_id = $1 AND id = ANY($2::text[])

-- name: list_assets
-- Lists the assets of a workspace, the newest first, from the first or after another one.
-- Parameters: workspace_id, after_asset_id, limit.
SELECT * FROM assets
WHERE workspace_id = $1
  AND ($2::text IS NULL
       OR (created_at, id) < (SELECT created_at, id FROM assets WHERE id = $2 AND workspace_id = $1))
ORDER BY created_at DESC, id DESC LIMIT $3

-- name: delete_asset
-- Deletes an asset and returns its object key.
-- Parameters: workspace_id, asset_id.
DELETE FROM assets WHERE workspace_id = $1 AND id = $2 RETURNING object_key

-- name: insert_upload
-- Stores a presigned upload that waits for its file, unless the workspace has as many as it may. Returns its id.
-- Parameters: upload_id, workspace_id, object_key, filename, created_at, most.
INSERT INTO uploads (id, workspace_id, object_key, filename, created_at)
SELECT $1, $2, $3, $4, $5::timestamptz
WHERE (SELECT count(*) FROM uploads WHERE workspace_id = $2 AND swept_at IS NULL) < $6
RETURNING id

-- name: select_upload
-- Returns the object key and the filename of a presigned upload that is not completed.
-- Parameters: workspace_id, upload_id.
SELECT object_key, filename FROM uploads WHERE workspace_id = $1 AND id = $2 AND swept_at IS NULL

-- name: complete_upload
-- Marks a presigned upload as completed, and returns its id unless it is already. It is kept for as long as its URL
-- is valid.
-- Parameters: workspace_id, upload_id, now.
UPDATE uploads SET swept_at = $3 WHERE workspace_id = $1 AND id = $2 AND swept_at IS NULL
RETURNING id
