-- Runs, read. Used by lib/store/run.c only; changes are in queue.sql.

-- name: run_get
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review,
	error_code, error_detail
FROM sync WHERE id = ?2 AND owner = ?1

-- name: run_latest
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review,
	error_code, error_detail
FROM sync WHERE connection_id = ?2 AND owner = ?1 ORDER BY no DESC LIMIT 1

-- name: run_history
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review,
	error_code, error_detail
FROM sync WHERE connection_id = ?2 AND owner = ?1 AND no < ?3 AND (state = ?4 OR ?4 = '') ORDER BY no DESC LIMIT ?5

-- name: run_overview
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review,
	error_code, error_detail
FROM sync WHERE owner = ?1 AND no IN (SELECT (SELECT s.no FROM sync s WHERE s.connection_id = c.id ORDER BY s.no DESC LIMIT 1) FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL)
ORDER BY no DESC LIMIT ?2

-- name: run_resumed_by
SELECT id FROM sync WHERE connection_id = ?2 AND owner = ?1 AND no > ?3 AND resumed_from = ?4 LIMIT 1

-- name: run_log
SELECT l.n, l.at, l.level, l.text FROM sync s JOIN sync_log l ON l.sync_no = s.no
WHERE s.id = ?2 AND s.owner = ?1 AND l.n > ?3 ORDER BY l.n LIMIT ?4
