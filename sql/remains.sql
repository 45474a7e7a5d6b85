-- Connections that were disconnected, with their data. Used by lib/store/remains.c only.

-- columns: remains = c.id, c.provider, c.name, c.config, c.config_rev, c.account_id,
--	c.removed_at, c.doomed_at,
--	(SELECT CAST(COALESCE(sum(d.rows), 0) AS BIGINT) FROM dataset d
--	WHERE d.owner = c.owner AND d.connection_id = c.id)
--	+ (SELECT CAST(COALESCE(sum(p.left_rows), 0) AS BIGINT) FROM dataset_past p
--	WHERE p.owner = c.owner AND p.connection_id = c.id) AS rows
-- name: remains_get
SELECT {remains} FROM connection c
WHERE c.id = ?1 AND c.owner = ?2 AND c.removed_at IS NOT NULL

-- name: remains_list
SELECT {remains} FROM connection c
WHERE c.owner = ?1 AND c.id > ?2 AND c.removed_at IS NOT NULL ORDER BY c.id LIMIT ?3

-- name: remains_connect
UPDATE connection SET removed_at = NULL, cursor = NULL, config_rev = config_rev + 1, config = ?3,
	updated_at = ?4, account_id = (SELECT r.id FROM remote_account r
		WHERE r.id = ?5 AND r.owner = ?2)
WHERE id = ?1 AND owner = ?2 AND removed_at IS NOT NULL AND doomed_at IS NULL
