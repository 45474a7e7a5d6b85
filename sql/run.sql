-- Runs as they are read, made and ended. Used by lib/store/run.c only; what else changes a run is
-- in queue.sql.
-- A connection's runs are reached through the connection, which names its owner: so the index on
-- (connection_id, no) serves them.

-- columns: run = no, id, connection_id, owner, trigger, state, phase, progress, message,
--	created_at, started_at, updated_at, finished_at, lease_until, attempt, pid, cancel,
--	resumes, resumed_from, checkpoint, size, lines, fetched, added, updated, deleted, unchanged,
--	skipped, calls, not_modified, skips, warnings, review, error_code, error_detail,
--	due_at, wait_until, rolled, rolled_from, task, undoes

-- name: run_get
SELECT {run}
FROM sync WHERE id = ?1 AND owner = ?2

-- name: run_latest
SELECT {run s.}
FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 ORDER BY s.no DESC LIMIT 1

-- name: run_active
SELECT {run}
FROM sync WHERE connection_id = ?1 AND state IN ('queued', 'running') AND task IS NULL
	AND owner = ?2

-- name: run_active_task
SELECT {run}
FROM sync WHERE connection_id = ?1 AND state IN ('queued', 'running') AND task IS NOT NULL
	AND owner = ?2

-- name: run_history
SELECT {run s.}
FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.no < ?3 AND (CAST(?4 AS TEXT) = '' OR s.state = ?4)
ORDER BY s.no DESC LIMIT ?5

-- name: run_overview
SELECT {run s.}
FROM connection c JOIN sync s ON s.no = (SELECT max(x.no) FROM sync x WHERE x.connection_id = c.id)
WHERE c.owner = ?1 AND c.removed_at IS NULL
	AND ((?3 = 0 AND s.state IN ('queued', 'running') AND s.no < ?4)
	OR (s.state NOT IN ('queued', 'running') AND (?3 = 0 OR s.no < ?4)))
ORDER BY CASE WHEN s.state IN ('queued', 'running') THEN 0 ELSE 1 END, s.no DESC LIMIT ?2

-- columns: run_after = s.id, s.resumed_from
-- name: run_after
SELECT {run_after} FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.no > ?3 ORDER BY s.no LIMIT 1

-- columns: run_log = l.n, l.at, l.level, l.text
-- name: run_log
SELECT {run_log} FROM sync s JOIN sync_log l ON l.sync_no = s.no
WHERE s.id = ?1 AND s.owner = ?2 AND l.n > ?3 ORDER BY l.n LIMIT ?4

-- name: run_exists
SELECT 1 FROM sync WHERE id = ?1 AND owner = ?2

-- columns: run_days = s.finished_at / 86400000 AS day, CAST(sum(1 + s.rolled) AS BIGINT) AS runs,
--	CAST(sum(CASE s.state WHEN 'complete' THEN 1 + s.rolled ELSE 0 END) AS BIGINT) AS complete,
--	CAST(sum(CASE WHEN s.state = 'error' AND COALESCE(s.error_code, '')
--		NOT IN ('cancelled', 'needs_approval') THEN 1 ELSE 0 END) AS BIGINT) AS failed,
--	CAST(sum(s.rolled_ms + s.finished_at
--		- COALESCE(s.started_at, s.finished_at)) AS BIGINT) AS took_ms,
--	CAST(sum(s.fetched + s.rolled_fetched) AS BIGINT) AS fetched,
--	CAST(sum(s.added + s.updated + s.deleted) AS BIGINT) AS changed,
--	CAST(sum(s.calls + s.rolled_calls) AS BIGINT) AS calls
-- name: run_days
SELECT {run_days} FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.owner = ?1 AND s.finished_at >= ?2 GROUP BY s.finished_at / 86400000
ORDER BY s.finished_at / 86400000

-- name: run_days_of
SELECT {run_days} FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.finished_at >= ?3 GROUP BY s.finished_at / 86400000
ORDER BY s.finished_at / 86400000

-- name: run_finish
-- system: the fencing number is the right to write
UPDATE sync SET state = :state, phase = :state,
	progress = CASE WHEN :state = 'complete' THEN 100 ELSE progress END, message = :message,
	updated_at = :now, finished_at = :now, lease_until = 0, checkpoint = NULL, size = :size,
	lines = :lines, fetched = :fetched, added = :added, updated = :updated,
	deleted = :deleted, unchanged = :unchanged, skipped = :skipped, calls = :calls,
	not_modified = :not_modified, skips = :skips, warnings = :warnings, review = :review,
	error_code = :error_code, error_detail = :error_detail
WHERE id = :id AND attempt = :attempt AND state = 'running'

-- One that has done nothing but ask (queue/outward.h).
-- name: run_insert_asked
INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, progress, message,
	created_at, started_at, updated_at, finished_at, review, error_code, error_detail)
VALUES (:no, :id, :connection_id, :owner, :trigger, 'error', 'error', 0, :message, :now, :now, :now,
	:now, :review, 'needs_approval', :error_detail)

-- name: run_asks_more
UPDATE sync SET review = ?3, updated_at = ?4, error_detail = ?5
WHERE id = ?1 AND owner = ?2 AND review IS NOT NULL

-- name: run_answered
UPDATE sync SET state = 'complete', phase = 'complete', progress = 100, message = ?3, review = NULL,
	error_code = NULL, error_detail = NULL, updated_at = ?4
WHERE id = ?1 AND owner = ?2 AND review IS NOT NULL

-- name: run_says
UPDATE sync SET message = ?3, updated_at = ?4 WHERE id = ?1 AND owner = ?2

-- name: run_number
-- system: numbers are one row for all, so that two writers at once never get the same
-- After a number from elsewhere it goes on behind that.
INSERT INTO meta (name, value)
SELECT 'run_number', CAST(COALESCE(max(no), 0) + 1 AS TEXT) FROM sync WHERE 1 = 1
ON CONFLICT (name) DO UPDATE SET value = CASE
	WHEN CAST(excluded.value AS BIGINT) > CAST(meta.value AS BIGINT) + 1 THEN excluded.value
	ELSE CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT) END
RETURNING CAST(value AS BIGINT)

-- name: run_insert
INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, progress, message,
	created_at,
	updated_at, resumes, resumed_from, checkpoint, due_at, task, undoes)
SELECT CAST(:no AS BIGINT), CAST(:id AS TEXT), CAST(:connection_id AS TEXT), CAST(:owner AS TEXT),
	CAST(:trigger AS TEXT), 'queued', 'downloading', 0, CAST(:message AS TEXT),
	CAST(:now AS BIGINT), CAST(:now AS BIGINT), CAST(:resumes AS BIGINT),
	CAST(:resumed_from AS TEXT), CAST(:checkpoint AS TEXT), CAST(:due_at AS BIGINT),
	CAST(:task AS TEXT), CAST(:undoes AS TEXT)
WHERE CAST(:task AS TEXT) IS NULL OR NOT EXISTS (SELECT 1 FROM sync s
	WHERE s.connection_id = :connection_id AND s.state IN ('queued', 'running')
	AND s.task IS NOT NULL AND s.owner = :owner)
ON CONFLICT (connection_id, COALESCE(task, '')) WHERE state IN ('queued', 'running') DO NOTHING

-- What streams tell: everybody's runs in one question, each row saying whose it is.

-- name: run_made
-- system: streams are everybody's; each row says whose it is
SELECT {run} FROM sync WHERE no > ?1 ORDER BY no LIMIT ?2

-- name: run_going
-- system: streams are everybody's; each row says whose it is
SELECT {run} FROM sync
WHERE state IN ('queued', 'running') AND state = 'running' ORDER BY no + 0

-- name: run_waiting
-- system: numbers alone, of what is known already
SELECT no FROM sync WHERE state IN ('queued', 'running') AND state = 'queued' ORDER BY no + 0

-- name: run_numbered
SELECT {run} FROM sync WHERE no = ?1 AND owner = ?2

-- name: run_active_all
SELECT {run s.}
FROM connection c JOIN sync s ON s.connection_id = c.id AND s.state IN ('queued', 'running')
WHERE c.owner = ?1

-- name: run_ended
SELECT {run s.} FROM connection c JOIN sync s ON s.connection_id = c.id AND s.no >= ?2
WHERE c.owner = ?1 AND s.finished_at IS NOT NULL ORDER BY s.no + 0 LIMIT ?3

-- name: run_last
-- system: a number, nothing of what it stands for
-- The newest run may be gone with its connection; its number is not given again.
SELECT COALESCE((SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'run_number'),
	(SELECT max(no) FROM sync), 0)
