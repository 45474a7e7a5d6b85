-- Users. Used by lib/store/user.c only.

-- columns: user = id, name, role, created_at, disabled_at, password, email, mail_notices,
--	workspace_id, removed_at

-- name: user_by_name
SELECT {user} FROM account WHERE name = ?1

-- name: user_by_id
SELECT {user} FROM account WHERE id = ?1

-- name: user_by_workspace
SELECT {user} FROM account WHERE workspace_id = ?1

-- name: user_page
SELECT {user} FROM account WHERE id > ?1 ORDER BY id LIMIT ?2

-- name: user_insert
INSERT INTO account (id, name, role, created_at, workspace_id) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: user_save
UPDATE account SET role = ?2, disabled_at = ?3, workspace_id = ?4 WHERE id = ?1

-- name: user_hold
UPDATE schedule SET held = 1, enabled = 0, next_poll_at = NULL WHERE enabled = 1 AND owner = ?1
	AND connection_id IN (SELECT id FROM connection WHERE owner = ?1)

-- name: user_release
UPDATE schedule SET held = 0, enabled = 1, set_at = ?2, next_poll_at = CASE
	WHEN health = 'attention' THEN NULL ELSE CAST(?2 AS BIGINT) END
WHERE held = 1 AND owner = ?1 AND connection_id IN (SELECT id FROM connection WHERE owner = ?1)

-- name: user_workspace_taken
SELECT 1 FROM account WHERE workspace_id = ?1 AND id <> ?2

-- name: user_other_operator
SELECT 1 FROM account WHERE role = 'operator' AND disabled_at IS NULL AND id <> ?1 LIMIT 1

-- name: user_password
UPDATE account SET password = ?2 WHERE id = ?1

-- columns: reached = id, email
-- name: user_operators
-- system: who answers for the installation hears of what happens to its users
SELECT {reached} FROM account WHERE role = 'operator' AND disabled_at IS NULL
	AND email IS NOT NULL AND id <> ?1
ORDER BY id LIMIT ?2

-- name: user_email
UPDATE account SET email = ?2 WHERE id = ?1

-- name: user_notices
UPDATE account SET mail_notices = ?2 WHERE id = ?1

-- name: user_conns
SELECT count(*) FROM connection WHERE owner = ?1

-- name: user_rows
SELECT CAST(COALESCE(sum(rows), 0) AS BIGINT) FROM dataset WHERE owner = ?1

-- name: user_doom
-- Its names elsewhere are free at once.
UPDATE account SET removed_at = ?2, password = NULL, email = NULL, workspace_id = NULL
WHERE id = ?1 AND removed_at IS NULL

-- name: user_doom_hooks
UPDATE webhook SET enabled = 0 WHERE owner = ?1
