-- What was changed, by whom and why. Used by lib/store/change.c only.

-- columns: change = no, owner, object_kind, dataset_no, object_key, at, action, side, sync_no,
--	actor, connection_id, reason, fields, before, edited_at,
--	(SELECT s.id FROM sync s WHERE s.no = change.sync_no) AS sync_id

-- name: change_insert
INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side, sync_no, actor,
	connection_id, reason, fields, before, edited_at)
VALUES (:owner, :object_kind, :dataset_no, :object_key, :at, :action, :side,
	NULLIF(CAST(:sync_no AS BIGINT), 0), :actor, :connection_id, :reason, :fields, :before,
	NULLIF(CAST(:edited_at AS BIGINT), 0))

-- name: change_list
SELECT {change}
FROM change WHERE object_kind = ?1 AND dataset_no = ?2 AND object_key = ?3 AND no < ?4
	AND owner = ?5 ORDER BY no DESC LIMIT ?6

-- name: change_list_run
SELECT {change}
FROM change WHERE no > COALESCE((SELECT s.change_from FROM sync s WHERE s.no = ?1), 0)
	AND no <= COALESCE((SELECT s.change_to FROM sync s WHERE s.no = ?1), ?2) AND no < ?2
		AND sync_no = ?1 AND owner = ?3 ORDER BY no DESC LIMIT ?4

-- name: change_last
-- system: a place in the order of all changes, nothing of what they say
SELECT no FROM change ORDER BY no DESC LIMIT 1

-- columns: change_told = owner, max(no) AS no
-- name: change_told
-- system: streams are everybody's; each row says whose it is, and nothing of what was changed
SELECT {change_told} FROM change WHERE no > ?1 AND object_kind = ?2 GROUP BY owner

-- columns: change_key = object_key
-- name: change_keys
SELECT {change_key} FROM change WHERE no > ?1 AND object_kind = ?2 AND owner = ?3

-- name: change_since
SELECT 1 FROM change
WHERE object_kind = ?1 AND dataset_no = ?2 AND object_key = ?3 AND no > ?4 AND connection_id = ?5
	AND owner = ?6 LIMIT 1

-- What is written there is written by no run.
-- name: change_sent
SELECT 1 FROM change
WHERE object_kind = ?1 AND dataset_no = ?2 AND object_key = ?3 AND no > ?4 AND connection_id = ?5
	AND owner = ?6 AND side = 'remote' AND sync_no IS NULL AND at >= ?7 LIMIT 1

-- How often it was changed here by what the connection says.
-- name: change_taken
SELECT count(*) FROM change
WHERE object_kind = ?1 AND dataset_no = ?2 AND object_key = ?3 AND connection_id = ?4
	AND owner = ?5 AND side = 'local' AND at >= ?6

-- name: change_trim
-- What people did stays.
DELETE FROM change WHERE object_kind = ?1 AND dataset_no = ?2 AND object_key = ?3 AND owner = ?4
	AND sync_no IS NOT NULL AND no <= (SELECT x.no FROM change x WHERE x.object_kind = ?1
		AND x.dataset_no = ?2 AND x.object_key = ?3 AND x.sync_no IS NOT NULL
		ORDER BY x.no DESC LIMIT 1 OFFSET ?5)

-- name: change_forget
DELETE FROM change WHERE no IN (SELECT x.no FROM change x WHERE x.object_kind = 'record'
	AND x.dataset_no = ?1 AND x.owner = ?2 LIMIT ?3)

-- name: retain_change
-- system: retention is for everybody
DELETE FROM change WHERE no IN (SELECT x.no FROM (SELECT no, at FROM change ORDER BY no LIMIT ?2)
	x WHERE x.at < ?1)
