-- What is in flight is little: one index serves its keys, and is short enough to be read whole for its counts.
DROP INDEX stages_in_flight;

-- Every row comes and goes within moments: what is left is read whole.
DROP INDEX outbox_position;

-- Events are read by video only.
ALTER TABLE events DROP CONSTRAINT events_pkey;
DROP INDEX events_video;
ALTER TABLE events ADD PRIMARY KEY (video_id, id);

-- Room beside each row for its next versions, so that only what is indexed costs an entry in an index.
ALTER TABLE videos SET (fillfactor = 70);
ALTER TABLE workers SET (fillfactor = 50);
