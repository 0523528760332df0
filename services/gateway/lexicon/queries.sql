-- name: every
-- Returns all entries of a workspace in the order of their words.
-- Parameters: workspace_id.
SELECT word, ipa, respelling, updated_at FROM pronunciations WHERE workspace_id = $1 ORDER BY folded

-- name: page
-- Lists entries in the order of their words, from the first or after another one.
-- Parameters: workspace_id, after_folded_word, limit.
SELECT word, ipa, respelling, updated_at FROM pronunciations
WHERE workspace_id = $1 AND folded > coalesce($2, '')
ORDER BY folded LIMIT $3

-- name: find
-- Returns the entry of a word.
-- Parameters: workspace_id, folded_word.
SELECT word, ipa, respelling, updated_at FROM pronunciations WHERE workspace_id = $1 AND folded = $2

-- name: put
-- Stores or replaces the entry of a word, unless the lexicon is full; returns the word.
-- Parameters: workspace_id, folded_word, word, ipa, respelling, updated_at, max_words.
INSERT INTO pronunciations (workspace_id, folded, word, ipa, respelling, updated_at)
SELECT $1, $2, $3, $4, $5, $6
WHERE (SELECT count(*) FROM pronunciations WHERE workspace_id = $1 AND folded <> $2) < $7
ON CONFLICT (workspace_id, folded) DO UPDATE
SET word = excluded.word, ipa = excluded.ipa, respelling = excluded.respelling, updated_at = excluded.updated_at
RETURNING word

-- name: delete
-- Deletes the entry of a word and returns the word.
-- Parameters: workspace_id, folded_word.
DELETE FROM pronunciations WHERE workspace_id = $1 AND folded = $2 RETURNING word
