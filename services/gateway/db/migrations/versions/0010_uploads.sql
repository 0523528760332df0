-- A presigned URL is valid after its upload was completed too: what is sent then has to be deleted again.
-- `swept_at` is when that was last done; it is null until the upload is completed.
ALTER TABLE uploads ADD COLUMN swept_at timestamptz;

CREATE INDEX uploads_completed ON uploads (swept_at) WHERE swept_at IS NOT NULL;
CREATE INDEX uploads_open ON uploads (workspace_id) WHERE swept_at IS NULL;
