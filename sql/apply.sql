-- What a run reads and writes of datasets and records. Used by lib/sync/read/match.c,
-- lib/sync/read/apply.c and lib/sync/tend.c only.

-- columns: stored = seq, rev, origin, kept, key, payload, changed
-- name: stored_page
-- system: the run holds the dataset, whose owner was checked when it was claimed
SELECT {stored} FROM record WHERE seq > ?1 AND seq < ?2 AND deleted IS NULL ORDER BY seq LIMIT ?3

-- columns: stored_found = {stored}, deleted
-- name: stored_lookup
-- system: the run holds the dataset
SELECT {stored_found} FROM record WHERE dataset_no = ?1 AND key = ?2

-- name: stored_twins
-- system: the run holds the dataset
SELECT {stored_found} FROM record WHERE dataset_no = ?1 AND key >= ?2 AND key < ?3 ORDER BY key

-- name: stored_at
-- system: the run holds the dataset
SELECT {stored_found} FROM record WHERE seq = ?1

-- columns: stored_base = base, error_code
-- name: stored_base
SELECT {stored_base}
FROM link WHERE connection_id = ?1 AND object_kind = 'record' AND dataset_no = ?2
	AND object_key = ?3 AND owner = ?4

-- Those that are kept, with what is known of the label that was put on each.
-- columns: stored_bearer = r.seq, r.key, l.label, l.stands, l.held
-- name: stored_bearers
-- system: the run holds the dataset
SELECT {stored_bearer} FROM record r
	LEFT JOIN labelled l ON l.connection_id = ?3 AND l.key = r.key AND l.owner = ?5
WHERE r.seq > ?1 AND r.seq < ?2 AND r.deleted IS NULL ORDER BY r.seq LIMIT ?4

-- columns: stored_id = seq, origin
-- name: stored_ids
-- system: the run holds the dataset
-- What was deleted here is asked for too: that the source lost it is news.
SELECT {stored_id} FROM record WHERE seq > ?1 AND seq < ?2 AND (deleted IS NULL OR origin <> 0)
ORDER BY seq LIMIT ?3

-- name: stored_count
-- system: the run holds the dataset
-- How many stored_ids gives.
SELECT count(*) FROM record WHERE seq > ?1 AND seq < ?2 AND (deleted IS NULL OR origin <> 0)

-- name: stored_kept
-- system: the run holds the dataset
SELECT count(*) FROM record WHERE seq > ?1 AND seq < ?2 AND kept = 1 AND deleted IS NULL

-- name: stored_any
-- system: the run holds the dataset
SELECT 1 FROM record WHERE seq > ?1 AND seq < ?2 LIMIT 1

-- name: apply_dataset_add
INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule, created_at,
	reading, repeats)
VALUES (:no, :id, :connection_id, :owner, :remote_id, :name, :columns, :key_rule, :created_at,
	:reading, :repeats)

-- name: apply_dataset_update
UPDATE dataset SET name = ?3, columns = ?4, key_rule = ?5, reading = ?6,
	replaced = CASE WHEN replaced < ?7 THEN ?7 ELSE replaced END,
	repeats = CASE WHEN repeats < ?8 THEN ?8 ELSE repeats END
WHERE no = ?1 AND owner = ?2

-- name: apply_dataset_page
UPDATE dataset SET rows = rows + ?3, next_seq = ?4, bytes = bytes + ?5 WHERE no = ?1 AND owner = ?2

-- name: apply_dataset_as_of
UPDATE dataset SET as_of = ?3 WHERE connection_id = ?1 AND owner = ?2

-- name: apply_add
-- system: the run holds the dataset
INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted, action, sync_no,
	first_sync)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, NULL, 0, ?6, ?6)
ON CONFLICT (dataset_no, key) DO NOTHING

-- name: apply_before
-- system: the run holds the dataset
-- Nothing is kept, and so nothing done, of a record that has moved since it was compared, or was
-- edited here.
INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side, sync_no, reason,
	before)
SELECT CAST(?6 AS TEXT), 'record', dataset_no, key, CAST(?3 AS BIGINT), CAST(?4 AS BIGINT),
	'local', CAST(?2 AS BIGINT), CAST(?7 AS TEXT), payload
FROM record WHERE seq = ?1 AND rev = ?5 AND origin = 0
RETURNING before

-- name: apply_update
-- system: the run holds the dataset
UPDATE record SET seq = ?2, payload = ?3, changed = ?4, deleted = NULL, action = ?5, sync_no = ?6,
	kept = 0, rev = rev + 1 WHERE seq = ?1

-- name: apply_delete
-- system: the run holds the dataset
UPDATE record SET seq = ?2, changed = ?3, deleted = ?3, action = 2, sync_no = ?4, kept = 0,
	rev = rev + 1 WHERE seq = ?1

-- name: apply_kept
-- system: the run holds the dataset; no change that the feed tells, for the record stays as it is
UPDATE record SET kept = ?2 WHERE seq = ?1 AND rev = ?3

-- name: apply_seen
-- system: the run holds the dataset
-- The feed tells it, for the record holds something else; its history does not, and rev, by which
-- that is known to be whole, stays.
UPDATE record SET seq = ?3, payload = ?4, changed = ?5, action = 1, sync_no = ?6
WHERE seq = ?1 AND rev = ?2

-- columns: apply_row = seq, rev, payload, deleted, sync_no, origin, changed
-- name: apply_row
-- system: the run holds the dataset
SELECT {apply_row} FROM record WHERE dataset_no = ?1 AND key = ?2

-- name: apply_decided
-- system: the run holds the dataset
UPDATE record SET seq = ?3, payload = ?4, changed = ?5, deleted = NULLIF(CAST(?6 AS BIGINT), 0),
	action = ?7, sync_no = ?8, origin = ?9, kept = 0,
	rev = rev + 1
WHERE seq = ?1 AND rev = ?2

-- name: apply_agreed
-- system: the run holds the dataset
-- No change that the feed tells: what the source says of it is known, and it stays as it is.
UPDATE record SET origin = ?3, sync_no = ?4 WHERE seq = ?1 AND rev = ?2
