-- name: take
-- Locks and returns the oldest messages of at least an age, without those that another gateway has locked.
-- Parameters: limit, min_age_seconds.
SELECT id, broadcast, subject, headers, data FROM outbox
WHERE created_at <= now() - make_interval(secs => $2)
ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED

-- name: delete
-- Deletes messages.
-- Parameters: message_ids.
DELETE FROM outbox WHERE id = ANY($1::text[])
