ALTER TABLE workspaces
    ADD COLUMN weight real NOT NULL DEFAULT 1 CHECK (weight > 0),
    ADD COLUMN max_in_flight integer CHECK (max_in_flight > 0);
CREATE INDEX workspaces_bounded ON workspaces (id) WHERE max_in_flight IS NOT NULL;

CREATE TABLE batches (
    id text PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    total integer NOT NULL,
    created_at timestamptz NOT NULL,
    cancelled_at timestamptz
);
CREATE INDEX batches_workspace ON batches (workspace_id, created_at DESC, id DESC);

ALTER TABLE videos
    ADD COLUMN priority smallint NOT NULL DEFAULT 0,
    ADD COLUMN revision bigint NOT NULL DEFAULT 0,
    ADD COLUMN batch_id text REFERENCES batches ON DELETE SET NULL,
    ADD COLUMN custom_id text,
    ADD COLUMN redriven_from text;
CREATE UNIQUE INDEX videos_redriven ON videos (redriven_from) WHERE redriven_from IS NOT NULL;
CREATE INDEX videos_batch ON videos (batch_id, id) WHERE batch_id IS NOT NULL;

ALTER TABLE stages
    DROP CONSTRAINT stages_state_check,
    ADD CONSTRAINT stages_state_check CHECK (state IN (
        'waiting', 'ready', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled')),
    ADD COLUMN priority smallint NOT NULL DEFAULT 0,
    ADD COLUMN submitted_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN no_cache boolean NOT NULL DEFAULT false,
    ADD COLUMN cache text CHECK (cache IN ('hit', 'miss', 'bypass')),
    ADD COLUMN saved_seconds double precision NOT NULL DEFAULT 0,
    ADD COLUMN billable boolean NOT NULL DEFAULT false,
    ADD COLUMN reusable boolean NOT NULL DEFAULT true,
    ADD COLUMN failures jsonb NOT NULL DEFAULT '{}';
UPDATE stages SET submitted_at = videos.created_at FROM videos WHERE videos.id = stages.video_id;
UPDATE stages SET cache = CASE WHEN cached THEN 'hit' ELSE 'miss' END WHERE action_key IS NOT NULL;
UPDATE stages SET billable = true
WHERE id IN (SELECT DISTINCT ON (workspace_id, action_key) id FROM stages
             WHERE state = 'completed' AND NOT cached ORDER BY workspace_id, action_key, completed_at);

DROP INDEX stages_known;
DROP INDEX stages_finished;
ALTER TABLE stages DROP COLUMN cached;
CREATE INDEX stages_known ON stages (workspace_id, action_key, completed_at DESC)
    WHERE state = 'completed' AND reusable;
CREATE INDEX stages_finished ON stages (service, engine, completed_at DESC)
    WHERE state = 'completed' AND cache <> 'hit';
CREATE UNIQUE INDEX stages_billable ON stages (workspace_id, action_key) WHERE billable AND NOT no_cache;
CREATE INDEX stages_ready ON stages (service, engine, workspace_id, priority, submitted_at, video_id)
    WHERE state = 'ready';
CREATE INDEX stages_in_flight ON stages (service, engine, workspace_id) WHERE state IN ('queued', 'running');
CREATE INDEX stages_in_flight_keys ON stages (workspace_id, action_key) WHERE state IN ('queued', 'running');
CREATE INDEX stages_dead ON stages (workspace_id, completed_at DESC, id DESC) WHERE state = 'failed';

CREATE TABLE executions (
    stage_id text NOT NULL,
    attempt integer NOT NULL,
    worker_id text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('completed', 'failed', 'lost', 'handed_back', 'cancelled', 'superseded')),
    reason text,
    message text,
    PRIMARY KEY (stage_id, attempt, worker_id)
);

CREATE TABLE artifact_references (
    object_key text NOT NULL,
    stage_id text NOT NULL,
    PRIMARY KEY (object_key, stage_id)
);
CREATE INDEX artifact_references_stage ON artifact_references (stage_id);
INSERT INTO artifact_references
SELECT DISTINCT output.value ->> 'key', stages.id FROM stages, jsonb_each(stages.outputs) AS output;

CREATE TABLE garbage (
    object_key text PRIMARY KEY,
    due_at timestamptz NOT NULL
);
CREATE INDEX garbage_due ON garbage (due_at);

CREATE TABLE idempotency_keys (
    workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    object_id text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
CREATE INDEX assets_object ON assets (object_key);
CREATE INDEX uploads_object ON uploads (object_key);
CREATE INDEX uploads_created ON uploads (created_at);

-- No foreign keys from events, executions and artifact references: whoever writes one has its video's row locked,
-- whoever deletes a video deletes them with it, and to check each row again costs as much as to write it.
ALTER TABLE events DROP CONSTRAINT events_video_id_fkey;
