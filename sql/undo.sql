-- What an undo takes back, and what stands in its way. Used by lib/store/undo.c only.

-- columns: undo_since = x.no, x.sync_no, x.actor, s.id AS sync_id, s.undoes
-- name: undo_since
SELECT {undo_since} FROM change x LEFT JOIN sync s ON s.no = x.sync_no
WHERE x.object_kind = ?1 AND x.dataset_no = ?2 AND x.object_key = ?3 AND x.no > ?4
	AND x.side = 'local' AND x.owner = ?5 ORDER BY x.no DESC LIMIT ?6

-- columns: undo_added = seq, key
-- name: undo_added
-- system: the dataset's owner was checked when it was read
SELECT {undo_added} FROM record WHERE seq > ?1 AND seq < ?2 AND first_sync = ?3
	AND deleted IS NULL ORDER BY seq LIMIT ?4

-- The newest runs that take it back.
-- columns: undo_by = s.id
-- name: undo_by
SELECT {undo_by} FROM sync s WHERE s.undoes = ?1 AND s.owner = ?2 ORDER BY s.no DESC LIMIT 1
