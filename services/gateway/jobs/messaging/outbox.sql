-- name: take
SELECT id, broadcast, subject, headers, data FROM outbox
WHERE created_at <= now() - make_interval(secs => $2)
ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED

-- name: delete
DELETE FROM outbox WHERE id = ANY($1::text[])
