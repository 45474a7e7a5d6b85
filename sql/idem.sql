-- Replies kept for Idempotency-Key. Used by cgi-src/fcgi/idem.c only.

-- columns: idem = request, status, location, body
-- name: idem_get
-- Earlier programs reserved a key with the status 0.
SELECT {idem} FROM idempotency WHERE owner = ?1 AND key = ?2 AND created_at >= ?3
	AND status > 0

-- name: idem_put
INSERT INTO idempotency (owner, key, request, status, location, body, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: idem_keep
UPDATE idempotency SET body = ?3 WHERE owner = ?1 AND key = ?2

-- name: idem_full
SELECT 1 FROM idempotency WHERE owner = ?1 ORDER BY key LIMIT 1 OFFSET ?2

-- name: idem_forget
DELETE FROM idempotency WHERE owner = ?1 AND key = ?2
	AND (created_at < ?3 OR status = 0)
