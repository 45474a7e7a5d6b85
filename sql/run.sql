-- Runs as they are read. Used by lib/store/run.c only; what changes a run is in queue.sql.
-- A connection's runs are reached through the connection, which names its owner: so the index on (connection_id, no) serves them.

-- name: run_get
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review,
	error_code, error_detail
FROM sync WHERE id = ?1 AND owner = ?2

-- name: run_latest
SELECT s.no, s.id, s.connection_id, s.owner, s.trigger, s.state, s.phase, s.progress, s.message, s.created_at, s.started_at, s.updated_at, s.finished_at,
	s.lease_until, s.attempt, s.pid, s.cancel, s.resumes, s.resumed_from, s.checkpoint, s.size, s.lines, s.fetched, s.added, s.updated, s.deleted, s.unchanged,
	s.skipped, s.calls, s.not_modified, s.skips, s.warnings, s.review, s.error_code, s.error_detail
FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 ORDER BY s.no DESC LIMIT 1

-- name: run_active
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review,
	error_code, error_detail
FROM sync WHERE connection_id = ?1 AND state IN ('queued', 'running') AND owner = ?2

-- name: run_history
SELECT s.no, s.id, s.connection_id, s.owner, s.trigger, s.state, s.phase, s.progress, s.message, s.created_at, s.started_at, s.updated_at, s.finished_at,
	s.lease_until, s.attempt, s.pid, s.cancel, s.resumes, s.resumed_from, s.checkpoint, s.size, s.lines, s.fetched, s.added, s.updated, s.deleted, s.unchanged,
	s.skipped, s.calls, s.not_modified, s.skips, s.warnings, s.review, s.error_code, s.error_detail
FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.no < ?3 AND (CAST(?4 AS TEXT) = '' OR s.state = ?4)
ORDER BY s.no DESC LIMIT ?5

-- name: run_overview
SELECT s.no, s.id, s.connection_id, s.owner, s.trigger, s.state, s.phase, s.progress, s.message, s.created_at, s.started_at, s.updated_at, s.finished_at,
	s.lease_until, s.attempt, s.pid, s.cancel, s.resumes, s.resumed_from, s.checkpoint, s.size, s.lines, s.fetched, s.added, s.updated, s.deleted, s.unchanged,
	s.skipped, s.calls, s.not_modified, s.skips, s.warnings, s.review, s.error_code, s.error_detail
FROM connection c JOIN sync s ON s.no = (SELECT max(x.no) FROM sync x WHERE x.connection_id = c.id)
WHERE c.owner = ?1 AND c.removed_at IS NULL
ORDER BY CASE WHEN s.state IN ('queued', 'running') THEN 0 ELSE 1 END, s.no DESC LIMIT ?2

-- name: run_after
SELECT s.id, s.resumed_from FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.no > ?3 ORDER BY s.no LIMIT 1

-- name: run_log
SELECT l.n, l.at, l.level, l.text FROM sync s JOIN sync_log l ON l.sync_no = s.no
WHERE s.id = ?1 AND s.owner = ?2 AND l.n > ?3 ORDER BY l.n LIMIT ?4

-- name: run_exists
SELECT 1 FROM sync WHERE id = ?1 AND owner = ?2

-- name: run_days
SELECT finished_at / 86400000, count(*), CAST(sum(CASE WHEN state = 'complete' THEN 1 ELSE 0 END) AS BIGINT),
	CAST(sum(finished_at - COALESCE(started_at, finished_at)) AS BIGINT), CAST(sum(fetched) AS BIGINT), CAST(sum(added + updated + deleted) AS BIGINT), CAST(sum(calls) AS BIGINT)
FROM sync WHERE owner = ?1 AND finished_at >= ?2 GROUP BY finished_at / 86400000 ORDER BY finished_at / 86400000

-- name: run_days_of
SELECT s.finished_at / 86400000, count(*), CAST(sum(CASE WHEN s.state = 'complete' THEN 1 ELSE 0 END) AS BIGINT),
	CAST(sum(s.finished_at - COALESCE(s.started_at, s.finished_at)) AS BIGINT), CAST(sum(s.fetched) AS BIGINT), CAST(sum(s.added + s.updated + s.deleted) AS BIGINT),
	CAST(sum(s.calls) AS BIGINT)
FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.finished_at >= ?3 GROUP BY s.finished_at / 86400000 ORDER BY s.finished_at / 86400000
