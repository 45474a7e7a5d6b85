-- What has been answered to the guard before what leaves, while what it holds follows. Used by
-- lib/store/ruling.c only.

-- columns: ruling = question, owner, keep, said, done

-- name: ruling_put
INSERT INTO ruling (question, owner, keep, said, ruled_at) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: ruling_next
SELECT {ruling} FROM ruling WHERE owner = ?1 ORDER BY question LIMIT 1

-- name: ruling_of_link
SELECT {ruling r.} FROM ruling r JOIN outbox o ON o.question = r.question
WHERE r.owner = ?1 AND o.owner = ?1 AND o.link_id = ?2 AND o.state = 'held'
	AND o.finished_at IS NULL

-- name: ruling_of
SELECT {ruling} FROM ruling WHERE question = ?1 AND owner = ?2

-- name: ruling_more
UPDATE ruling SET done = done + ?3 WHERE question = ?1 AND owner = ?2

-- name: ruling_over
DELETE FROM ruling WHERE question = ?1 AND owner = ?2
