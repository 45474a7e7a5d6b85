-- API tokens and progress tokens. Used by lib/store/token.c only.

-- columns: token = t.id, t.owner, u.name AS user_name, u.role, t.name, t.scopes, t.created_at,
--	t.last_used_at, t.expires_at, t.revoked_at, t.last_used_from, t.replaces, t.made_by

-- name: token_insert
INSERT INTO api_token (id, owner, name, hash, scopes, created_at, expires_at, replaces, made_by)
VALUES (:id, :owner, :name, :hash, :scopes, :created_at,
	NULLIF(CAST(:expires_at AS BIGINT), 0), :replaces, :made_by)

-- name: token_find
-- system: the token says whose it is
SELECT {token} FROM api_token t JOIN account u ON u.id = t.owner
WHERE t.hash = ?1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2)
	AND u.disabled_at IS NULL

-- name: token_get
SELECT {token} FROM api_token t JOIN account u ON u.id = t.owner
WHERE t.owner = ?1 AND t.id = ?2

-- name: token_list
SELECT {token} FROM api_token t JOIN account u ON u.id = t.owner
WHERE t.owner = ?1
ORDER BY CASE WHEN t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?2)
	THEN 0 ELSE 1 END, t.id DESC LIMIT ?3

-- name: tokens_live
SELECT count(*) FROM api_token WHERE owner = ?1 AND revoked_at IS NULL
	AND (expires_at IS NULL OR expires_at > ?2)

-- name: token_used
-- system: the token says whose it is
UPDATE api_token SET last_used_at = ?2, last_used_from = ?3 WHERE id = ?1

-- name: token_expire
UPDATE api_token SET expires_at = ?3 WHERE owner = ?1 AND id = ?2

-- name: token_revoke
-- system: what a token has made ends with it, for whomever it was made
WITH RECURSIVE line (id) AS (
	SELECT id FROM api_token WHERE owner = ?1 AND id = ?2 AND revoked_at IS NULL
	UNION SELECT t.id FROM line l JOIN api_token t ON t.made_by = l.id)
UPDATE api_token SET revoked_at = ?3 WHERE id IN (SELECT id FROM line) AND revoked_at IS NULL

-- name: token_revoke_all
-- system: what a token has made ends with it, for whomever it was made
WITH RECURSIVE line (id) AS (
	SELECT id FROM api_token WHERE owner = ?1
	UNION SELECT t.id FROM line l JOIN api_token t ON t.made_by = l.id)
UPDATE api_token SET revoked_at = ?2 WHERE id IN (SELECT id FROM line) AND revoked_at IS NULL

-- name: token_heir
-- system: what a token has made follows the one that takes its place
UPDATE api_token SET made_by = ?2 WHERE made_by = ?1

-- name: token_alive
-- system: the maker of a token may be an operator's
SELECT COALESCE(expires_at, 0) FROM api_token
WHERE id = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)

-- name: token_stands
-- system: the token of an operator may act for another one, as long as its user is an operator
SELECT 1 FROM api_token t JOIN account u ON u.id = t.owner JOIN account o ON o.id = ?2
WHERE t.id = ?1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?3)
	AND u.disabled_at IS NULL AND o.disabled_at IS NULL AND (u.id = o.id OR u.role = 'operator')

-- Those that have not worked for so long. What one of them has made does not work either.
-- name: retain_tokens
-- system: retention is for everybody
DELETE FROM api_token WHERE revoked_at < ?1 OR expires_at < ?1

-- name: progress_end_all
DELETE FROM progress_token WHERE owner = ?1

-- name: progress_insert
INSERT INTO progress_token (hash, owner, connection_id, expires_at) VALUES (?1, ?2, ?3, ?4)

-- columns: progress = p.owner, p.connection_id
-- name: progress_find
-- system: the token says whose it is
SELECT {progress} FROM progress_token p JOIN account u ON u.id = p.owner
WHERE p.hash = ?1 AND p.expires_at > ?2 AND u.disabled_at IS NULL
