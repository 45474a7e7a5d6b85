-- Users, sign-in keys, sessions, API tokens, audit, idempotency. Used by lib/store/user.c, token.c and cgi-src/idem.c only.

-- name: user_by_name
SELECT id, name, role, created_at, disabled_at FROM account WHERE name = ?1

-- name: user_by_id
SELECT id, name, role, created_at, disabled_at FROM account WHERE id = ?1

-- name: user_any
SELECT id, name, role, created_at, disabled_at FROM account ORDER BY id LIMIT 1

-- name: user_all
SELECT id, name, role, created_at, disabled_at FROM account ORDER BY id LIMIT 10000

-- name: user_insert
INSERT INTO account (id, name, role, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO NOTHING

-- name: key_insert
INSERT INTO sign_in_key (hash, owner, expires_at) VALUES (?1, ?2, ?3)

-- name: key_take
-- system: the key itself says whose it is
DELETE FROM sign_in_key WHERE hash = ?1 AND expires_at > ?2 RETURNING owner

-- name: session_insert
INSERT INTO web_session (hash, owner, csrf, created_at, seen_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5)

-- name: session_find
-- system: the cookie says whose session it is
SELECT s.owner, u.name, u.role, s.csrf, s.seen_at FROM web_session s JOIN account u ON u.id = s.owner
WHERE s.hash = ?1 AND s.expires_at > ?2 AND s.seen_at > ?3 AND u.disabled_at IS NULL

-- name: session_seen
-- system: the cookie says whose session it is
UPDATE web_session SET seen_at = ?2 WHERE hash = ?1

-- name: session_end
-- system: the cookie says whose session it is
DELETE FROM web_session WHERE hash = ?1

-- name: token_insert
INSERT INTO api_token (id, owner, name, hash, scopes, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: token_find
-- system: the token says whose it is
SELECT t.id, t.owner, u.name, u.role, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at, t.revoked_at FROM api_token t JOIN account u ON u.id = t.owner
WHERE t.hash = ?1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2) AND u.disabled_at IS NULL

-- name: token_used
-- system: the token says whose it is
UPDATE api_token SET last_used_at = ?2 WHERE id = ?1

-- name: token_list
SELECT t.id, t.owner, u.name, u.role, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at, t.revoked_at FROM api_token t JOIN account u ON u.id = t.owner
WHERE t.owner = ?1 ORDER BY t.id LIMIT 1000

-- name: token_revoke
UPDATE api_token SET revoked_at = ?3 WHERE owner = ?1 AND id = ?2 AND revoked_at IS NULL

-- name: audit_insert
INSERT INTO audit (id, owner, at, actor, action, object, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: audit_of_owner
SELECT at, actor, action, object, detail FROM audit WHERE owner = ?1 ORDER BY id DESC LIMIT ?2

-- name: audit_of_object
SELECT at, actor, action, object, detail FROM audit WHERE owner = ?1 AND object = ?2 ORDER BY id DESC LIMIT ?3

-- name: sweep_keys
-- system: what is over is over for everybody
DELETE FROM sign_in_key WHERE expires_at < ?1

-- name: sweep_sessions
-- system: what is over is over for everybody
DELETE FROM web_session WHERE expires_at < ?1

-- name: sweep_idem
-- system: what is over is over for everybody
DELETE FROM idempotency WHERE created_at < ?1

-- name: idem_get
SELECT request, status, location, body FROM idempotency WHERE owner = ?1 AND key = ?2

-- name: idem_forget
DELETE FROM idempotency WHERE owner = ?1 AND key = ?2 AND (created_at < ?3 OR (status = 0 AND created_at < ?4))

-- name: idem_put
INSERT INTO idempotency (owner, key, request, status, body, created_at) VALUES (?1, ?2, ?3, 0, '', ?4) ON CONFLICT DO NOTHING

-- name: idem_done
UPDATE idempotency SET status = ?3, location = ?4, body = ?5 WHERE owner = ?1 AND key = ?2

-- name: idem_drop
DELETE FROM idempotency WHERE owner = ?1 AND key = ?2 AND status = 0
