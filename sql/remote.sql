-- Accounts at providers, and people on their way through a consent page. Used by
-- lib/store/login.c only.

-- columns: remote = id, owner, provider, kind, subject, address, scopes, sealed, access,
--	access_until, health, error_code, error_detail, granted_at, refreshed_at, created_at

-- name: remote_get
SELECT {remote}
FROM remote_account WHERE owner = ?1 AND id = ?2

-- name: remote_of_subject
SELECT {remote}
FROM remote_account WHERE owner = ?1 AND provider = ?2 AND subject = ?3

-- name: remote_list
SELECT {remote}
FROM remote_account WHERE owner = ?1 ORDER BY created_at, id LIMIT 1000

-- name: remote_two
SELECT id FROM remote_account WHERE owner = ?1 AND provider = ?2 ORDER BY subject LIMIT 2

-- name: remote_shared
-- system: whether somebody else here lives on the same grant; a yes or no comes out
SELECT 1 FROM remote_account WHERE provider = ?1 AND subject = ?2 AND id <> ?3 LIMIT 1

-- name: remote_insert
INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, sealed, access,
	access_until, granted_at, created_at)
VALUES (:id, :owner, :provider, :kind, :subject, :address, :scopes, :sealed, :access,
	:access_until, :granted_at, :granted_at)

-- name: remote_granted
UPDATE remote_account SET address = ?3, scopes = ?4, sealed = ?5, access = ?6, access_until = ?7,
	lease = NULL, lease_until = 0, health = 'ok', error_code = NULL,
	error_detail = NULL, granted_at = ?8
WHERE owner = ?1 AND id = ?2

-- name: remote_lease
UPDATE remote_account SET lease = ?3, lease_until = ?4
WHERE owner = ?1 AND id = ?2 AND access_until = ?5
	AND (lease IS NULL OR lease_until < ?6 OR lease_until > ?7)

-- name: remote_holder
SELECT lease FROM remote_account WHERE owner = ?1 AND id = ?2 AND lease IS NOT NULL

-- name: remote_release
UPDATE remote_account SET lease = NULL, lease_until = 0 WHERE owner = ?1 AND id = ?2 AND lease = ?3

-- name: remote_renewed
UPDATE remote_account SET access = ?4, access_until = ?5, sealed = COALESCE(?6, sealed),
	refreshed_at = ?7, lease = NULL, lease_until = 0
WHERE owner = ?1 AND id = ?2 AND lease = ?3

-- name: remote_dead
UPDATE remote_account SET health = 'attention', error_code = ?4, error_detail = ?5, access = NULL,
	access_until = 0, lease = NULL, lease_until = 0
WHERE owner = ?1 AND id = ?2 AND lease = ?3 AND health = 'ok'

-- name: remote_week
-- system: for the operator's checks; a number comes out
SELECT count(*) FROM remote_account WHERE provider = ?1 AND kind = 'oauth'
	AND health = 'attention' AND refreshed_at - granted_at BETWEEN ?2 AND ?3

-- name: remote_delete
DELETE FROM remote_account WHERE owner = ?1 AND id = ?2

-- name: remote_conns
SELECT id FROM connection WHERE owner = ?1 AND account_id = ?2 AND removed_at IS NULL ORDER BY id

-- name: remote_unlink
UPDATE connection SET account_id = NULL WHERE owner = ?1 AND account_id = ?2

-- name: try_insert
INSERT INTO oauth_try (state, owner, session_id, provider, account_id, verifier, next, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- columns: try = account_id, verifier, next
-- name: try_take
DELETE FROM oauth_try WHERE state = ?1 AND owner = ?2 AND session_id = ?3 AND provider = ?4
	AND expires_at > ?5 RETURNING {try}

-- name: sweep_tries
-- system: what is over is over for everybody
DELETE FROM oauth_try WHERE expires_at < ?1
