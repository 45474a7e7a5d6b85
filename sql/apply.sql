-- What a run reads and writes of datasets and records. Used by lib/sync/read/match.c and lib/sync/read/apply.c only.

-- columns: stored = seq, key, payload
-- name: stored_page
-- system: the run holds the dataset, whose owner was checked when it was claimed
SELECT {stored} FROM record WHERE seq > ?1 AND seq < ?2 AND deleted IS NULL ORDER BY seq LIMIT ?3

-- columns: stored_one = seq, payload, deleted
-- name: stored_lookup
-- system: the run holds the dataset
SELECT {stored_one} FROM record WHERE dataset_no = ?1 AND key = ?2

-- columns: stored_key = seq, key, kept
-- name: stored_keys
-- system: the run holds the dataset
SELECT {stored_key} FROM record WHERE seq > ?1 AND seq < ?2 AND deleted IS NULL ORDER BY seq LIMIT ?3

-- columns: stored_kept = seq, key
-- name: stored_kept
-- system: the run holds the dataset
SELECT {stored_kept} FROM record WHERE dataset_no = ?1 AND kept = 1 AND seq > ?2 ORDER BY seq LIMIT ?3

-- name: stored_any
-- system: the run holds the dataset
SELECT 1 FROM record WHERE seq > ?1 AND seq < ?2 LIMIT 1

-- name: apply_dataset_add
INSERT INTO dataset (no, id, connection_id, owner, remote_id, name, columns, key_rule, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- name: apply_dataset_update
UPDATE dataset SET name = ?3, columns = ?4, key_rule = ?5 WHERE no = ?1 AND owner = ?2

-- name: apply_dataset_page
UPDATE dataset SET rows = rows + ?3, next_seq = ?4 WHERE no = ?1 AND owner = ?2

-- name: apply_dataset_as_of
UPDATE dataset SET as_of = ?3 WHERE connection_id = ?1 AND owner = ?2

-- name: apply_add
-- system: the run holds the dataset
INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted, action, sync_no)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, NULL, 0, ?6)
ON CONFLICT (dataset_no, key) DO NOTHING

-- name: apply_before
-- system: the run holds the dataset
INSERT INTO record_change (dataset_no, key, sync_no, at, action, before)
SELECT dataset_no, key, ?2, ?3, ?4, payload FROM record WHERE seq = ?1
ON CONFLICT (dataset_no, key, sync_no, action) DO NOTHING

-- name: apply_update
-- system: the run holds the dataset
UPDATE record SET seq = ?2, payload = ?3, changed = ?4, deleted = NULL, action = ?5, sync_no = ?6, kept = 0 WHERE seq = ?1

-- name: apply_delete
-- system: the run holds the dataset
UPDATE record SET seq = ?2, changed = ?3, deleted = ?3, action = 2, sync_no = ?4, kept = 0 WHERE seq = ?1

-- name: apply_kept
-- system: the run holds the dataset; no change that the feed tells, for the record stays as it is
UPDATE record SET kept = ?2 WHERE seq = ?1
