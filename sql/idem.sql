-- Replies kept for Idempotency-Key. Used by cgi-src/fcgi/idem.c only.

-- columns: idem = request, status, location, body
-- name: idem_get
SELECT {idem} FROM idempotency WHERE owner = ?1 AND key = ?2

-- name: idem_forget
DELETE FROM idempotency WHERE owner = ?1 AND key = ?2
	AND (created_at < ?3 OR (status = 0 AND created_at < ?4))

-- name: idem_put
INSERT INTO idempotency (owner, key, request, status, body, created_at)
VALUES (?1, ?2, ?3, 0, '', ?4) ON CONFLICT (owner, key) DO NOTHING

-- name: idem_done
UPDATE idempotency SET status = ?3, location = ?4, body = ?5 WHERE owner = ?1 AND key = ?2

-- name: idem_drop
DELETE FROM idempotency WHERE owner = ?1 AND key = ?2
