CREATE TABLE workspaces (
    id text PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE assets (
    id text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('image', 'audio', 'video')),
    filename text NOT NULL,
    object_key text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    width integer,
    height integer,
    duration_seconds double precision,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX assets_workspace ON assets (workspace_id, created_at DESC);

CREATE TABLE uploads (
    id text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    object_key text NOT NULL,
    filename text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE videos (
    id text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('queued', 'in_progress', 'completed', 'failed', 'cancelled')),
    model text NOT NULL,
    prompt text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    seconds double precision,
    progress smallint NOT NULL DEFAULT 0,
    error_code text,
    error_message text,
    traceparent text,
    created_at timestamptz NOT NULL,
    completed_at timestamptz
);
CREATE INDEX videos_workspace ON videos (workspace_id, created_at DESC, id DESC);

CREATE TABLE stages (
    id text PRIMARY KEY,
    video_id text NOT NULL REFERENCES videos ON DELETE CASCADE,
    workspace_id text NOT NULL,
    ordinal integer NOT NULL,
    name text NOT NULL,
    service text NOT NULL,
    engine text NOT NULL,
    engine_version text NOT NULL,
    parameters jsonb NOT NULL,
    inputs jsonb NOT NULL,
    timeout_seconds double precision NOT NULL,
    state text NOT NULL CHECK (state IN (
        'waiting', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled')),
    attempt integer NOT NULL DEFAULT 1,
    progress real NOT NULL DEFAULT 0,
    action_key text,
    cached boolean NOT NULL DEFAULT false,
    outputs jsonb NOT NULL DEFAULT '{}',
    media_seconds double precision NOT NULL DEFAULT 0,
    worker_id text,
    lease_expires_at timestamptz,
    not_before timestamptz,
    queued_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    error_reason text,
    error_message text,
    UNIQUE (video_id, name)
);
CREATE INDEX stages_known ON stages (workspace_id, action_key) WHERE state = 'completed';
CREATE INDEX stages_leased ON stages (lease_expires_at) WHERE state IN ('queued', 'running');
CREATE INDEX stages_retrying ON stages (not_before) WHERE state = 'retrying';
CREATE INDEX stages_finished ON stages (service, engine, completed_at DESC) WHERE state = 'completed' AND NOT cached;

CREATE TABLE outbox (
    id text PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    broadcast boolean NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    data bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_position ON outbox (position);

CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_id text NOT NULL REFERENCES videos ON DELETE CASCADE,
    type text NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_video ON events (video_id, id);

CREATE TABLE engines (
    service text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    spec jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, name)
);

CREATE TABLE workers (
    id text NOT NULL,
    service text NOT NULL,
    engine text NOT NULL,
    concurrency integer NOT NULL,
    running integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    announced_at timestamptz NOT NULL,
    PRIMARY KEY (id, engine)
);
