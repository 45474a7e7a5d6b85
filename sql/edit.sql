-- A record that is edited here, by whoever is no run. Used by lib/store/edit.c only.
-- The dataset comes first: taking its next seq names the owner, and nothing of a dataset that is
-- another's is written.

-- name: edit_seq
UPDATE dataset SET next_seq = next_seq + 1, rows = rows + ?3, bytes = bytes + ?4
WHERE no = ?1 AND owner = ?2
RETURNING next_seq - 1

-- columns: edit_row = seq, rev, payload, deleted, origin, first_seen
-- name: edit_row
-- system: the dataset's owner was checked when it was read, and is when its seq is taken
SELECT {edit_row} FROM record WHERE dataset_no = ?1 AND key = ?2

-- name: edit_add
-- system: its seq was taken from the dataset under its owner
INSERT INTO record (seq, dataset_no, key, payload, first_seen, changed, deleted, action, sync_no,
	origin, first_sync)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, NULL, 0, 0, ?1, 0)

-- name: edit_change
-- system: its seq was taken from the dataset under its owner
UPDATE record SET seq = ?3, payload = ?4, changed = ?5, deleted = NULLIF(CAST(?6 AS BIGINT), 0),
	action = ?7, origin = ?8, rev = rev + 1
WHERE seq = ?1 AND rev = ?2

-- name: edit_over
-- system: its link, which names the owner, is deleted in the same write
UPDATE record SET origin = 0 WHERE dataset_no = ?1 AND key = ?2
