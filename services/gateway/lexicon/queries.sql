-- name: occurring
SELECT word, ipa, respelling, updated_at FROM pronunciations
WHERE workspace_id = $1 AND position(folded IN $2) > 0
ORDER BY folded

-- name: page
SELECT word, ipa, respelling, updated_at FROM pronunciations
WHERE workspace_id = $1 AND folded > coalesce($2, '')
ORDER BY folded LIMIT $3

-- name: find
SELECT word, ipa, respelling, updated_at FROM pronunciations WHERE workspace_id = $1 AND folded = $2

-- name: put
INSERT INTO pronunciations (workspace_id, folded, word, ipa, respelling, updated_at)
SELECT $1, $2, $3, $4, $5, $6
WHERE (SELECT count(*) FROM pronunciations WHERE workspace_id = $1 AND folded <> $2) < $7
ON CONFLICT (workspace_id, folded) DO UPDATE
SET word = excluded.word, ipa = excluded.ipa, respelling = excluded.respelling, updated_at = excluded.updated_at
RETURNING word

-- name: delete
DELETE FROM pronunciations WHERE workspace_id = $1 AND folded = $2 RETURNING word
