-- Datasets and records, read, and removed with their connection. Used by lib/store/data.c and view.c only.

-- name: dataset_get
SELECT no, id, connection_id, owner, remote_id, name, columns, key_rule, view_name, rows, next_seq, as_of, created_at FROM dataset WHERE id = ?2 AND owner = ?1

-- name: dataset_list
SELECT no, id, connection_id, owner, remote_id, name, columns, key_rule, view_name, rows, next_seq, as_of, created_at FROM dataset
WHERE owner = ?1 AND connection_id = ?2 ORDER BY no

-- name: dataset_set_view
UPDATE dataset SET view_name = ?3 WHERE no = ?2 AND owner = ?1

-- name: dataset_delete
DELETE FROM dataset WHERE no = ?2 AND owner = ?1

-- name: record_page
SELECT r.seq, r.key, r.payload, r.first_seen, r.changed, r.deleted, r.action, r.sync_no FROM record r
WHERE r.seq > ?2 AND r.seq < ?3 AND r.changed >= ?4 AND (r.deleted IS NULL OR ?5 = 1)
AND EXISTS (SELECT 1 FROM dataset d WHERE d.no = ?6 AND d.owner = ?1)
ORDER BY r.seq LIMIT ?7

-- name: record_get
SELECT r.seq, r.key, r.payload, r.first_seen, r.changed, r.deleted, r.action, r.sync_no FROM dataset d JOIN record r ON r.dataset_no = d.no
WHERE d.no = ?2 AND d.owner = ?1 AND r.key = ?3

-- name: record_changes
SELECT c.at, c.action, s.id, s.trigger, c.before FROM dataset d JOIN record_change c ON c.dataset_no = d.no LEFT JOIN sync s ON s.no = c.sync_no
WHERE d.no = ?2 AND d.owner = ?1 AND c.key = ?3 ORDER BY c.sync_no DESC LIMIT 200

-- name: run_by_no
SELECT id, trigger FROM sync WHERE no = ?2 AND owner = ?1

-- name: data_delete_records
-- system: the dataset's owner was checked by the caller, page by page
DELETE FROM record WHERE seq IN (SELECT seq FROM record WHERE seq > ?1 AND seq < ?2 ORDER BY seq LIMIT ?3)

-- name: data_delete_changes
-- system: the dataset's owner was checked by the caller, page by page
DELETE FROM record_change WHERE dataset_no = ?1 AND (key, sync_no, action) IN (SELECT key, sync_no, action FROM record_change WHERE dataset_no = ?1 LIMIT ?2)
