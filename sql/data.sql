-- Datasets and records as they are read. Used by lib/store/data.c and
-- lib/store/view.c only; what a run writes is in apply.sql.
-- A record is its dataset's, so statements on records reach them through the dataset, which names
-- its owner.

-- columns: dataset = no, id, connection_id, owner, remote_id, name, columns, key_rule, view_name,
--	rows, next_seq, as_of, created_at, reading, replaced, repeats, pruned,
--	pruned_at, bytes

-- name: dataset_get
SELECT {dataset}
FROM dataset WHERE id = ?1 AND owner = ?2

-- columns: dataset_empty = p.no, p.id, p.connection_id, p.owner, p.remote_id, p.name
-- name: dataset_empty
SELECT {dataset_empty}
FROM dataset_past p JOIN connection c ON c.id = p.connection_id
WHERE p.id = ?1 AND p.owner = ?2 AND c.doomed_at IS NULL ORDER BY p.no DESC LIMIT 1

-- name: dataset_list
SELECT {dataset}
FROM dataset WHERE owner = ?1 AND connection_id = ?2 ORDER BY no

-- name: dataset_view_bytes
SELECT CAST(COALESCE(sum(view_bytes), 0) AS BIGINT) FROM dataset WHERE owner = ?1 AND no <> ?2

-- columns: dataset_made = view_made, view_since
-- name: dataset_view_made
SELECT {dataset_made} FROM dataset WHERE no = ?1 AND owner = ?2

-- name: dataset_number
-- system: numbers are one row for all, so that two writers at once never get the same
-- After a number from elsewhere it goes on behind that.
INSERT INTO meta (name, value)
SELECT 'dataset_number', CAST(COALESCE(max(no), 0) + 1 AS TEXT) FROM dataset WHERE 1 = 1
ON CONFLICT (name) DO UPDATE SET value = CASE
	WHEN CAST(excluded.value AS BIGINT) > CAST(meta.value AS BIGINT) + 1 THEN excluded.value
	ELSE CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT) END
RETURNING CAST(value AS BIGINT)

-- name: dataset_view
UPDATE dataset SET view_name = ?3, view_bytes = ?4, view_made = ?5, view_since = ?6
WHERE no = ?1 AND owner = ?2

-- columns: record = seq, key, payload, first_seen, changed, deleted, action, sync_no,
--	first_sync, rev
-- name: record_page
SELECT {record r.}
FROM dataset d JOIN record r ON r.seq > ?3 AND r.seq < ?4
WHERE d.no = ?1 AND d.owner = ?2 AND r.changed >= ?5
	AND (r.deleted IS NULL OR CAST(?6 AS BIGINT) = 1)
ORDER BY r.seq LIMIT ?7

-- name: record_probe
SELECT r.changed FROM dataset d JOIN record r ON r.seq >= ?3 AND r.seq < ?4
WHERE d.no = ?1 AND d.owner = ?2 ORDER BY r.seq LIMIT 1

-- name: record_get
SELECT {record r.}
FROM dataset d JOIN record r ON r.dataset_no = d.no
WHERE d.no = ?1 AND d.owner = ?2 AND r.key = ?3

-- columns: record_change = x.no, x.at, x.action, s.id AS sync_id, s.trigger, x.actor, x.reason,
--	x.before, x.side
-- name: record_changes
SELECT {record_change}
FROM change x LEFT JOIN sync s ON s.no = x.sync_no
WHERE x.object_kind = 'record' AND x.dataset_no = ?1 AND x.owner = ?2 AND x.object_key = ?3
	AND x.no <= ?4
ORDER BY x.no DESC LIMIT ?5

-- columns: record_behind = x.before
-- name: record_behind
SELECT {record_behind} FROM change x
WHERE x.object_kind = 'record' AND x.dataset_no = ?1 AND x.owner = ?2 AND x.object_key = ?3
	AND x.no > ?4 AND x.before IS NOT NULL
ORDER BY x.no LIMIT 1

-- name: record_times
SELECT count(*) FROM change x WHERE x.object_kind = 'record' AND x.dataset_no = ?1
	AND x.owner = ?2 AND x.object_key = ?3 AND x.side = 'local'

-- columns: record_run = s.id, s.trigger
-- name: record_run
SELECT {record_run} FROM sync s WHERE s.no = ?1 AND s.owner = ?2

-- name: record_run_at
SELECT {record_run} FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.created_at <= ?3
	AND (s.finished_at IS NULL OR s.finished_at >= ?3)
ORDER BY s.no DESC LIMIT 1
