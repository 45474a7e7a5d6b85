-- What is to be done at providers. Used by lib/store/outbox.c only.

-- columns: outbox = id, owner, link_id, connection_id, op, fields, state, edits, taken, mark,
--	attempts, next_at, fence, error_code, error_detail, created_at, updated_at, finished_at

-- name: outbox_insert
INSERT INTO outbox (id, owner, link_id, connection_id, op, fields, state, next_at, created_at,
	updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULLIF(CAST(?8 AS BIGINT), 0), ?9, ?9)

-- name: outbox_get
SELECT {outbox}
FROM outbox WHERE id = ?1 AND owner = ?2

-- name: outbox_of_link
SELECT {outbox}
FROM outbox WHERE link_id = ?1 AND finished_at IS NULL AND owner = ?2

-- name: outbox_list_state
SELECT {outbox}
FROM outbox WHERE owner = ?1 AND state = ?2 AND id > ?3 ORDER BY id LIMIT ?4

-- name: outbox_join
UPDATE outbox SET op = ?3, fields = ?4, state = ?5, next_at = NULLIF(CAST(?6 AS BIGINT), 0),
	edits = edits + 1, updated_at = ?7
WHERE id = ?1 AND owner = ?2

-- name: outbox_claim
-- system: workers serve every owner
UPDATE outbox SET state = 'sending', fence = fence + 1, attempts = attempts + 1, taken = edits,
	next_at = ?3, updated_at = ?2
WHERE id = (SELECT o.id FROM outbox o WHERE o.connection_id = ?1 AND o.next_at <= ?2 ORDER BY
	o.next_at LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */)
RETURNING {outbox}

-- name: outbox_next
-- system: workers serve every owner
SELECT next_at FROM outbox WHERE connection_id = ?1 AND next_at IS NOT NULL ORDER BY next_at LIMIT 1

-- name: outbox_back
-- system: the clock is everybody's
UPDATE outbox SET next_at = next_at - ?1 WHERE next_at IS NOT NULL

-- name: outbox_mark
UPDATE outbox SET mark = ?4, next_at = ?5 WHERE id = ?1 AND owner = ?2 AND fence = ?3
	AND state = 'sending'

-- name: outbox_settle
UPDATE outbox SET state = :state, next_at = NULLIF(CAST(:next_at AS BIGINT), 0),
	finished_at = NULLIF(CAST(:finished_at AS BIGINT), 0), error_code = :error_code,
	error_detail = :error_detail,
	attempts = :attempts, updated_at = :now, mark = CASE
		WHEN CAST(:state AS TEXT) = 'unsure' THEN mark END
WHERE id = :id AND owner = :owner AND fence = :fence AND state = 'sending'

-- name: outbox_hurry
UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ?3, updated_at = ?3
WHERE id = ?1 AND owner = ?2 AND state IN ('waiting', 'failed', 'held') AND finished_at IS NULL

-- name: outbox_hold
UPDATE outbox SET state = 'held', next_at = NULL, updated_at = ?3
WHERE connection_id = ?1 AND owner = ?2 AND state = 'waiting'

-- name: outbox_free
UPDATE outbox SET state = 'waiting', next_at = ?3, updated_at = ?3
WHERE connection_id = ?1 AND owner = ?2 AND state = 'held'

-- columns: outbox_count = state, count(*) AS n, min(id) AS first

-- name: outbox_counts
SELECT {outbox_count} FROM outbox WHERE owner = ?1 GROUP BY state

-- name: outbox_clear
DELETE FROM outbox WHERE owner = ?1 AND id IN (SELECT o.id FROM outbox o
	WHERE o.owner = ?1 AND o.finished_at < ?2 ORDER BY o.finished_at LIMIT ?3)
