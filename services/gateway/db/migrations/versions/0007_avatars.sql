CREATE TABLE avatars (
    id text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    image text NOT NULL REFERENCES assets ON DELETE CASCADE,
    face jsonb,
    landmarks jsonb,
    created_at timestamptz NOT NULL
);
CREATE INDEX avatars_of_workspace ON avatars (workspace_id, created_at);
CREATE INDEX avatars_of_image ON avatars (image);
