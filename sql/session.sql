-- One-time keys and sessions: lib/store/session.c. The limit on guessing: lib/store/guess.c.

-- name: key_insert
INSERT INTO sign_in_key (hash, owner, expires_at, purpose, detail) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: key_owner
-- system: the key itself says whose it is
SELECT k.owner FROM sign_in_key k JOIN account u ON u.id = k.owner
WHERE k.hash = ?1 AND k.expires_at > ?2 AND u.disabled_at IS NULL

-- columns: key = owner, purpose, detail
-- name: key_take
-- system: the key itself says whose it is
DELETE FROM sign_in_key WHERE hash = ?1 AND expires_at > ?2
	AND (purpose = 'email') = (CAST(?3 AS INTEGER) = 1) RETURNING {key}

-- name: key_end_all
DELETE FROM sign_in_key WHERE owner = ?1

-- name: session_insert
INSERT INTO web_session (hash, id, owner, csrf, created_at, seen_at, expires_at, address, agent,
	password_until, by_proxy)
VALUES (:hash, :id, :owner, :csrf, :now, :now, :expires_at, :address, :agent,
	:password_until, :by_proxy)

-- name: session_chosen
UPDATE web_session SET password_until = 0 WHERE owner = ?1 AND id = ?2

-- name: session_room
DELETE FROM web_session WHERE owner = ?1 AND id NOT IN (
	SELECT id FROM web_session WHERE owner = ?1 ORDER BY seen_at DESC, id DESC LIMIT ?2)

-- columns: session = s.id, s.owner, u.name AS user_name, u.role, s.created_at, s.seen_at,
--	s.password_until, s.address, s.agent, s.by_proxy
-- columns: session_own = {session}, s.csrf
-- name: session_find
-- system: the cookie says whose session it is
SELECT {session_own} FROM web_session s JOIN account u ON u.id = s.owner
WHERE s.hash = ?1 AND s.expires_at > ?2 AND s.seen_at > ?3 AND u.disabled_at IS NULL

-- name: session_stands
SELECT 1 FROM web_session s JOIN account u ON u.id = s.owner
WHERE s.owner = ?1 AND s.id = ?2 AND s.expires_at > ?3 AND s.seen_at > ?4
	AND u.disabled_at IS NULL

-- name: session_list
SELECT {session} FROM web_session s JOIN account u ON u.id = s.owner
WHERE s.owner = ?1 AND s.expires_at > ?2 AND s.seen_at > ?3 ORDER BY s.id DESC LIMIT ?4

-- name: session_seen
-- system: the cookie says whose session it is
UPDATE web_session SET seen_at = ?2 WHERE hash = ?1

-- name: session_end
-- system: the cookie says whose session it is
DELETE FROM web_session WHERE hash = ?1

-- name: session_end_id
DELETE FROM web_session WHERE owner = ?1 AND id = ?2

-- name: session_end_all
DELETE FROM web_session WHERE owner = ?1 AND id <> ?2

-- columns: limit = failures, until
-- name: limit_get
-- system: counts tries to sign in, before anybody is known
SELECT {limit} FROM sign_in_limit WHERE bucket = ?1 AND expires_at > ?2

-- name: limit_put
-- system: counts tries to sign in, before anybody is known
INSERT INTO sign_in_limit (bucket, failures, until, expires_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, until = excluded.until,
	expires_at = excluded.expires_at

-- name: limit_drop
-- system: counts tries to sign in, before anybody is known
DELETE FROM sign_in_limit WHERE bucket = ?1

-- name: sweep_keys
-- system: what is over is over for everybody
DELETE FROM sign_in_key WHERE expires_at < ?1

-- name: sweep_sessions
-- system: what is over is over for everybody
DELETE FROM web_session WHERE expires_at < ?1

-- name: sweep_progress
-- system: what is over is over for everybody
DELETE FROM progress_token WHERE expires_at < ?1

-- name: sweep_limits
-- system: what is over is over for everybody
DELETE FROM sign_in_limit WHERE expires_at < ?1

-- name: sweep_idem
-- system: what is over is over for everybody
DELETE FROM idempotency WHERE created_at < ?1
