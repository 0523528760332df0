-- name: insert
INSERT INTO outbox (id, broadcast, subject, headers, data)
SELECT * FROM unnest($1::text[], $2::boolean[], $3::text[], $4::jsonb[], $5::bytea[])

-- name: notify
SELECT pg_notify($1, '')

-- name: take
SELECT id, broadcast, subject, headers, data FROM outbox
ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED

-- name: delete
DELETE FROM outbox WHERE id = ANY($1::text[])
