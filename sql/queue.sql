-- Runs: queueing, claiming, leases, settling. Used by lib/queue/queue.c and lib/queue/reap.c only.
-- What is queued or runs is one run for each connection, and one of a task: a partial index has it.
-- Sorted by no + 0, for by no the whole table would be walked in its own order.

-- name: run_last_start
-- That somebody asked for, among the newest few.
SELECT COALESCE(max(created_at), 0) FROM (SELECT s.created_at, s.trigger
	FROM connection c JOIN sync s ON s.connection_id = c.id
	WHERE c.id = ?1 AND c.owner = ?2 ORDER BY s.no DESC LIMIT 20) newest
WHERE trigger IN ('manual', 'api', 'command')

-- columns: claim = id, owner
-- name: queue_claim_one
-- system: workers serve every owner
UPDATE sync SET state = 'running', started_at = COALESCE(started_at, ?1), updated_at = ?1,
	lease_until = ?2, attempt = attempt + 1, pid = ?3, wait_until = 0, message = 'Starting'
WHERE state = 'queued' AND id = ?4
RETURNING {claim}

-- columns: queue_places = s.owner, COALESCE(c.failing, 0) AS failing, s.wait_until > 0 AS waits,
--	s.trigger NOT IN ('schedule', 'webhook', 'channel') AS asked, count(*) AS n
-- name: queue_places
-- system: places are everybody's
SELECT {queue_places} FROM sync s LEFT JOIN schedule c ON c.connection_id = s.connection_id
WHERE s.state IN ('queued', 'running') AND s.state = 'running'
GROUP BY s.owner, COALESCE(c.failing, 0), s.wait_until > 0,
	s.trigger NOT IN ('schedule', 'webhook', 'channel')

-- name: queue_asked_owner
-- system: owners take turns
SELECT min(s.owner) FROM sync s LEFT JOIN schedule c ON c.connection_id = s.connection_id
WHERE s.state IN ('queued', 'running') AND s.state = 'queued' AND COALESCE(c.failing, 0) = ?1
	AND s.wait_until <= ?2 AND s.owner > ?3

-- name: queue_asked_of
-- The same walk again.
SELECT s.id FROM sync s LEFT JOIN schedule c ON c.connection_id = s.connection_id
WHERE s.state IN ('queued', 'running') AND s.state = 'queued' AND COALESCE(c.failing, 0) = ?1
	AND s.wait_until <= ?2 AND COALESCE(s.owner, '') = ?3
ORDER BY s.no + 0 LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */

-- name: queue_asked_next
-- system: the tick serves every owner
SELECT min(wait_until) FROM sync WHERE state IN ('queued', 'running') AND state = 'queued'

-- A connection with a run on its way is not due: the end of that run sets the next time.

-- name: queue_due_owner
-- system: owners take turns
SELECT min(d.owner) FROM schedule d WHERE d.failing = ?1 AND d.next_poll_at <= ?2 AND d.owner > ?3
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = d.connection_id
		AND r.state IN ('queued', 'running') AND r.task IS NULL)

-- columns: queue_due = d.connection_id, d.next_poll_at
-- name: queue_due_of
SELECT {queue_due} FROM schedule d WHERE d.failing = ?1 AND d.next_poll_at <= ?2 AND d.owner = ?3
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = d.connection_id
		AND r.state IN ('queued', 'running') AND r.task IS NULL)
ORDER BY d.next_poll_at LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */

-- name: queue_due_next
-- system: the tick serves every owner
SELECT d.next_poll_at FROM schedule d WHERE d.failing = ?1 AND d.next_poll_at > 0
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = d.connection_id
		AND r.state IN ('queued', 'running') AND r.task IS NULL)
ORDER BY d.next_poll_at LIMIT 1

-- name: queue_postpone
UPDATE schedule SET next_poll_at = ?3, set_at = ?4 WHERE connection_id = ?1 AND owner = ?2
	AND next_poll_at IS NOT NULL

-- name: queue_beat_run
-- system: the fencing number is the right to write
UPDATE sync SET phase = ?3, progress = CASE WHEN ?4 > progress THEN ?4 ELSE progress END,
	message = ?5, updated_at = ?6, lease_until = ?7, wait_until = ?8
WHERE id = ?1 AND attempt = ?2 AND state = 'running'
RETURNING cancel

-- name: queue_hold_run
-- system: the fencing number is the right to write
UPDATE sync SET lease_until = ?3 WHERE id = ?1 AND attempt = ?2 AND state = 'running'

-- name: queue_checkpoint
-- system: the fencing number is the right to write
UPDATE sync SET checkpoint = ?3 WHERE id = ?1 AND attempt = ?2 AND state = 'running'

-- Where in the table of changes those of the run are: behind change_from, up to change_to.
-- name: queue_range
-- system: the fencing number is the right to write
UPDATE sync SET change_from = COALESCE(change_from, NULLIF(CAST(?3 AS BIGINT), -1),
		(SELECT COALESCE(max(c.no), 0) FROM change c)),
	change_to = (SELECT COALESCE(max(c.no), 0) FROM change c)
WHERE id = ?1 AND attempt = ?2

-- name: queue_leave
-- system: the fencing number is the right to write
UPDATE sync SET state = 'queued', wait_until = ?3, message = ?4, updated_at = ?5, lease_until = 0,
	pid = 0
WHERE id = ?1 AND attempt = ?2 AND state = 'running'

-- name: queue_cancel_ask
UPDATE sync SET cancel = 1 WHERE id = ?1 AND owner = ?2 AND state = 'running'

-- name: queue_cancel_queued
UPDATE sync SET state = 'error', phase = 'error', cancel = 1, message = ?4, updated_at = ?3,
	finished_at = ?3, error_code = 'cancelled'
WHERE id = ?1 AND owner = ?2 AND state = 'queued'

-- name: queue_end
-- Its worker has lost the right to write.
UPDATE sync SET state = 'error', phase = 'error', cancel = 1, attempt = attempt + 1,
	message = 'Disconnected', updated_at = ?3, finished_at = ?3, error_code = 'cancelled'
WHERE connection_id = ?1 AND owner = ?2 AND state IN ('queued', 'running')

-- name: queue_end_all
UPDATE sync SET state = 'error', phase = 'error', cancel = 1, attempt = attempt + 1,
	message = 'Disconnected', updated_at = ?2, finished_at = ?2, error_code = 'cancelled'
WHERE owner = ?1 AND state IN ('queued', 'running')

-- columns: queue_dead = id, owner, attempt
-- name: queue_expired
-- system: the tick serves every owner; a lease far in the future was made by a wrong clock
SELECT {queue_dead} FROM sync WHERE state IN ('queued', 'running') AND state = 'running'
	AND (lease_until < ?1 OR lease_until > ?2) ORDER BY no + 0 LIMIT 100

-- name: queue_of_pid
-- system: the tick serves every owner
SELECT {queue_dead} FROM sync WHERE state IN ('queued', 'running') AND state = 'running'
	AND pid = ?1 ORDER BY no + 0 LIMIT 100

-- Is it over, and nobody goes on with what it has left?
-- name: queue_is_over
-- system: the tick serves every owner
SELECT count(*) FROM sync s WHERE s.id = ?1 AND s.finished_at IS NOT NULL AND NOT EXISTS (
	SELECT 1 FROM sync r WHERE r.connection_id = s.connection_id
	AND r.state IN ('queued', 'running') AND r.resumed_from = s.id)

-- columns: queue_running = pid, lease_until, wait_until
-- name: queue_running
-- system: the tick supervises every owner's runs
SELECT {queue_running} FROM sync WHERE state IN ('queued', 'running') AND state = 'running'
ORDER BY no + 0

-- name: queue_mend
-- system: the clock is everybody's
-- An interval is waited out from now; a time that a rule has named is worked out anew by a run.
UPDATE schedule SET next_poll_at = CASE WHEN rrule IS NULL THEN next_poll_at - set_at + ?1
	ELSE ?1 END, set_at = ?1 WHERE next_poll_at IS NOT NULL AND set_at > ?2

-- name: queue_back
-- system: the clock is everybody's
UPDATE sync SET wait_until = wait_until - ?1
WHERE state IN ('queued', 'running') AND wait_until > ?2

-- name: queue_question_over
SELECT 1 FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND s.no > ?3 AND s.trigger NOT IN ('guard', 'plan')
	AND s.task IS NULL
	AND (s.state = 'complete' OR s.error_code = 'needs_approval') LIMIT 1

-- name: queue_again_ask
UPDATE schedule SET again = 1 WHERE connection_id = ?1 AND owner = ?2

-- name: queue_again_done
UPDATE schedule SET again = 0 WHERE connection_id = ?1 AND owner = ?2 AND again = 1

-- name: queue_review_answered
UPDATE sync SET review = NULL WHERE id = ?1 AND owner = ?2

-- The last two runs of a connection, newest first: has either brought no news?
-- columns: run_quiet = s.no,
--	CASE WHEN s.trigger = 'schedule' AND s.state = 'complete' AND s.resumed_from IS NULL
--		AND s.added + s.updated + s.deleted = 0 AND s.change_from IS NULL
--		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.run_no = s.no)
--		THEN 1 ELSE 0 END AS quiet,
--	s.warnings, s.skips, s.started_at, s.finished_at, s.calls, s.fetched, s.rolled,
--	s.rolled_from, s.rolled_ms, s.rolled_calls, s.rolled_fetched
-- name: run_quiet
SELECT {run_quiet} FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 ORDER BY s.no DESC LIMIT 2

-- name: run_roll
UPDATE sync SET rolled = :rolled, rolled_from = :rolled_from, rolled_ms = :rolled_ms,
	rolled_calls = :rolled_calls, rolled_fetched = :rolled_fetched
WHERE no = :no AND owner = :owner

-- name: run_drop
DELETE FROM sync WHERE no = ?1 AND owner = ?2

-- columns: run_line = s.no, (SELECT COALESCE(max(l.n), 0) + 1 FROM sync_log l
--	WHERE l.sync_no = ?1) AS n, ?2 AS at, ?3 AS level, ?4 AS text

-- A line for a run that is over, or not there any more.
-- name: run_log_late
-- system: of a run that an owner's link names
INSERT INTO sync_log (sync_no, n, at, level, text)
SELECT {run_line} FROM sync s WHERE s.no = ?1

-- It was to be deleted there, or put back, and is left.
-- name: run_spared
-- system: of a run that an owner's link names
UPDATE sync SET deleted = deleted - ?2, updated = updated - ?3, added = added - ?4,
	skipped = skipped + 1, message = ?5
WHERE no = ?1 AND finished_at IS NOT NULL AND deleted >= ?2 AND updated >= ?3 AND added >= ?4

-- name: meta_put
INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name)
	DO UPDATE SET value = excluded.value

-- name: meta_get
SELECT value FROM meta WHERE name = ?1

-- name: notice_put
INSERT INTO notice (id, owner, connection_id, kind, code, detail, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: run_log_put
-- system: written by the run's own worker, by number
INSERT INTO sync_log (sync_no, n, at, level, text)
VALUES (?1, (SELECT COALESCE(max(n), 0) + 1 FROM sync_log WHERE sync_no = ?1), ?2, ?3, ?4)

-- Not for one that stands for others.
-- name: run_log_counted
-- system: written by the run's own worker, by number
INSERT INTO sync_log (sync_no, n, at, level, text)
SELECT {run_line} FROM sync s WHERE s.no = ?1 AND s.rolled = 0

-- name: retain_notices
-- system: retention is for everybody
DELETE FROM notice WHERE created_at < ?1 AND id IN (SELECT x.id FROM notice x ORDER BY x.id
	LIMIT ?2)

-- name: retain_runs
-- system: retention is for everybody
DELETE FROM sync WHERE no IN (SELECT s.no FROM sync s WHERE s.finished_at IS NOT NULL
	AND s.finished_at < ?1 AND ((s.trigger NOT IN ('guard', 'plan') AND s.task IS NULL)
		OR s.review IS NULL)
	AND EXISTS (SELECT 1 FROM sync newer WHERE newer.connection_id = s.connection_id
		AND newer.no > s.no) ORDER BY s.finished_at LIMIT 500)

-- name: retain_datasets
-- system: retention is for everybody
SELECT no FROM dataset WHERE no > ?1 ORDER BY no LIMIT 1
