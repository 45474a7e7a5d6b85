-- Who was given a label at a provider. Used by lib/store/labelled.c only.

-- columns: labelled = l.key, l.label, l.name, l.wanted, l.made, l.stands, l.held
-- name: labelled_get
SELECT {labelled} FROM labelled l WHERE l.connection_id = ?1 AND l.key = ?2 AND l.owner = ?3

-- name: labelled_put
INSERT INTO labelled (connection_id, key, owner, label, name, wanted, made, stands, held)
VALUES (:connection_id, :key, :owner, :label, :name, :wanted, :made, :stands, :held)
ON CONFLICT (connection_id, key) DO UPDATE SET label = excluded.label, name = excluded.name,
	wanted = excluded.wanted, made = excluded.made, stands = excluded.stands,
	held = excluded.held
WHERE labelled.owner = excluded.owner

-- name: labelled_drop
DELETE FROM labelled WHERE connection_id = ?1 AND key = ?2 AND owner = ?3

-- name: labelled_list
SELECT {labelled} FROM labelled l WHERE l.connection_id = ?1 AND l.key > ?2 AND l.owner = ?3
ORDER BY l.key LIMIT ?4

-- Without those that are kept.
-- name: labelled_others
SELECT {labelled} FROM labelled l WHERE l.connection_id = ?1 AND l.key > ?2 AND l.owner = ?3
	AND (l.stands <> 0 OR l.held = 2) AND NOT EXISTS (SELECT 1 FROM dataset d JOIN record r
		ON r.dataset_no = d.no AND r.key = l.key AND r.deleted IS NULL
		WHERE d.connection_id = l.connection_id AND d.owner = l.owner)
ORDER BY l.key LIMIT ?4

-- Those that an undo has said something about.
-- name: labelled_held
SELECT {labelled} FROM labelled l WHERE l.connection_id = ?1 AND l.key > ?2 AND l.owner = ?3
	AND (l.held <> 0 OR l.stands > 1) ORDER BY l.key LIMIT ?4

-- name: labelled_count
SELECT count(*) FROM labelled WHERE connection_id = ?1 AND owner = ?2 AND stands <> 0 AND made = ?3

-- name: labelled_release
UPDATE labelled SET held = 0 WHERE connection_id = ?1 AND key = ?2 AND owner = ?3 AND held = 1

-- Who has it because an undo says so, and is kept by now, has it like all others.
-- name: labelled_settle
UPDATE labelled SET held = 0 WHERE connection_id = ?1 AND owner = ?2 AND held = 2
	AND EXISTS (SELECT 1 FROM dataset d JOIN record r ON r.dataset_no = d.no
		AND r.key = labelled.key AND r.deleted IS NULL
		WHERE d.connection_id = labelled.connection_id AND d.owner = labelled.owner)

-- What was said of a label that the settings do not name any more, and what says nothing.
-- name: labelled_sweep
DELETE FROM labelled WHERE connection_id = ?1 AND owner = ?2 AND stands = 0
	AND (held = 0 OR wanted <> ?3)

-- What was done to the labels of a person by other connections of the same account, newest first.
-- columns: labelled_elsewhere = x.fields
-- name: labelled_elsewhere
SELECT {labelled_elsewhere} FROM connection c
	JOIN dataset d ON d.owner = c.owner AND d.connection_id = c.id
	JOIN change x ON x.object_kind = 'record' AND x.dataset_no = d.no AND x.object_key = ?4
WHERE c.account_id = ?1 AND c.owner = ?2 AND c.id <> ?3 AND x.owner = ?2 AND x.side = 'remote'
	AND x.at >= ?5 AND x.fields IS NOT NULL
ORDER BY x.no DESC LIMIT ?6
