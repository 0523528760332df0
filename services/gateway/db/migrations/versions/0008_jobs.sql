-- What was a video is a job of the kind `video`.
ALTER TABLE videos RENAME TO jobs;
ALTER TABLE jobs
    ADD COLUMN kind text NOT NULL DEFAULT 'video',
    ADD COLUMN project_id text,
    ADD COLUMN metadata jsonb,
    ADD COLUMN spec jsonb,
    ADD COLUMN result jsonb,
    ADD COLUMN remixed_from text;
UPDATE jobs
SET spec = jsonb_build_object('model', model, 'prompt', prompt, 'width', width, 'height', height),
    result = CASE WHEN seconds IS NOT NULL THEN jsonb_build_object('seconds', seconds) END;
ALTER TABLE jobs
    ALTER COLUMN kind DROP DEFAULT,
    ALTER COLUMN spec SET NOT NULL,
    DROP COLUMN model,
    DROP COLUMN prompt,
    DROP COLUMN width,
    DROP COLUMN height,
    DROP COLUMN seconds;
ALTER INDEX videos_pkey RENAME TO jobs_pkey;
ALTER INDEX videos_workspace RENAME TO jobs_workspace;
ALTER INDEX videos_redriven RENAME TO jobs_redriven;
ALTER INDEX videos_batch RENAME TO jobs_batch;
CREATE INDEX jobs_kind ON jobs (workspace_id, kind, created_at DESC, id DESC);

ALTER TABLE stages RENAME COLUMN video_id TO job_id;
ALTER INDEX stages_video_id_name_key RENAME TO stages_job_id_name_key;
ALTER TABLE stages ADD COLUMN weight real NOT NULL DEFAULT 1 CHECK (weight > 0);
UPDATE stages SET weight = CASE stages.service WHEN 'video' THEN 10 WHEN 'tts' THEN 1 ELSE 2 END
FROM jobs WHERE jobs.id = stages.job_id AND jobs.status <> 'completed';

-- A reader of one job takes the primary key, a reader of all that happens in a workspace the second index.
ALTER TABLE events RENAME COLUMN video_id TO job_id;
ALTER TABLE events ADD COLUMN workspace_id text;
UPDATE events SET workspace_id = jobs.workspace_id FROM jobs WHERE jobs.id = events.job_id;
DELETE FROM events WHERE workspace_id IS NULL;
ALTER TABLE events ALTER COLUMN workspace_id SET NOT NULL;
CREATE INDEX events_workspace ON events (workspace_id, id);
