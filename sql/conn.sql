-- Connections with their schedule, and their sealed credentials. Used by lib/store/conn.c only.

-- columns: conn = c.id, c.owner, c.provider, c.name, c.config, c.config_rev, c.cursor, c.guard,
--	c.guard_plan, c.guard_percent, c.guard_items, c.plan, c.clearing, c.leaving, c.read_only,
--	c.created_at,
--	c.updated_at, c.account_id,
--	s.enabled, s.health, s.failing, s.failing_since, s.frequency, s.interval_minutes, s.rrule,
--	s.time_zone,
--	s.next_poll_at, s.set_at, s.last_polled_at, s.last_success_at, s.retry_count, s.deferrals,
--	s.max_retries, s.error_code, s.error_detail,
--	CASE WHEN c.plan IS NOT NULL OR EXISTS (SELECT 1 FROM outbox h
--	WHERE h.connection_id = c.id AND h.state = 'held' AND NOT EXISTS (SELECT 1
--	FROM ruling w WHERE w.question = h.question)) THEN 1 ELSE 0 END AS held

-- name: conn_get
SELECT {conn}
FROM connection c LEFT JOIN schedule s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 AND c.removed_at IS NULL

-- name: conn_any
SELECT {conn}
FROM connection c LEFT JOIN schedule s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2

-- name: conn_named
SELECT c.id FROM connection c WHERE c.owner = ?1 AND c.name = ?2 AND c.removed_at IS NULL
ORDER BY c.id LIMIT 2

-- name: conn_list
SELECT {conn}
FROM connection c LEFT JOIN schedule s ON s.connection_id = c.id
WHERE c.owner = ?1 AND c.id > ?2 AND c.removed_at IS NULL
ORDER BY c.id LIMIT ?3

-- What conn_state() (lib/app/state.h) asks of a connection.
-- columns: conn_doing = CASE WHEN c.plan IS NOT NULL OR EXISTS (SELECT 1 FROM outbox h
--	WHERE h.connection_id = c.id AND h.state = 'held' AND NOT EXISTS (SELECT 1
--	FROM ruling w WHERE w.question = h.question)) THEN 'attention'
--	ELSE COALESCE(s.health, 'ok') END AS health,
--	COALESCE(s.enabled, 0) AS enabled,
--	CASE WHEN EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = c.id
--	AND r.state IN ('queued', 'running')) THEN 1 ELSE 0 END AS active

-- What a list chooses and sorts by, of every connection of an owner in order of making.
-- columns: conn_brief = c.id, c.provider, c.name, s.next_poll_at, s.last_success_at, {conn_doing},
--	(SELECT CAST(COALESCE(sum(d.rows), 0) AS BIGINT) FROM dataset d
--	WHERE d.owner = c.owner AND d.connection_id = c.id) AS records
-- name: conn_brief
SELECT {conn_brief}
FROM connection c LEFT JOIN schedule s ON s.connection_id = c.id
WHERE c.owner = ?1 AND c.removed_at IS NULL ORDER BY c.id

-- Counted over all of them.
-- columns: conn_tally = health, enabled, active, count(*) AS n
-- name: conn_tally
SELECT {conn_tally}
FROM (SELECT {conn_doing} FROM connection c LEFT JOIN schedule s ON s.connection_id = c.id
	WHERE c.owner = ?1 AND c.removed_at IS NULL) each_one
GROUP BY health, enabled, active

-- name: conn_tally_all
-- system: the operator's metrics
SELECT {conn_tally}
FROM (SELECT {conn_doing} FROM connection c LEFT JOIN schedule s ON s.connection_id = c.id
	WHERE c.removed_at IS NULL) each_one
GROUP BY health, enabled, active

-- name: conn_due_owner
SELECT {conn}
FROM connection c JOIN schedule s ON s.connection_id = c.id
WHERE c.owner = ?1 AND s.failing = ?2 AND s.next_poll_at <= ?3 AND c.removed_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = s.connection_id
		AND r.state IN ('queued', 'running') AND r.task IS NULL)
ORDER BY s.next_poll_at LIMIT ?4

-- name: conn_due_all
-- system: the operator's connectors interface serves every owner
SELECT {conn}
FROM schedule s JOIN connection c ON c.id = s.connection_id
WHERE s.failing = ?1 AND s.next_poll_at <= ?2 AND c.removed_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = s.connection_id
		AND r.state IN ('queued', 'running') AND r.task IS NULL)
ORDER BY s.next_poll_at LIMIT ?3

-- columns: conn_stored = id, owner, provider, config,
--	CASE WHEN removed_at IS NULL THEN 0 ELSE 1 END AS removed
-- name: conn_stored
-- system: what an older version has stored open is sealed for every owner
SELECT {conn_stored} FROM connection WHERE id > ?1 ORDER BY id LIMIT 100

-- name: conn_rewrite
UPDATE connection SET config = ?3 WHERE id = ?1 AND owner = ?2 AND config = ?4

-- name: conn_insert
INSERT INTO connection (id, owner, provider, name, config, config_rev, cursor, guard, guard_plan,
	created_at, updated_at, account_id)
VALUES (:id, :owner, :provider, :name, :config, :config_rev, :cursor, :guard, :guard_plan,
	:created_at, :updated_at,
	(SELECT r.id FROM remote_account r WHERE r.id = :account_id AND r.owner = :owner))

-- name: conn_update
UPDATE connection SET config_rev = config_rev + CASE WHEN config <> ?4 THEN 1 ELSE 0 END,
	name = ?3, config = ?4, updated_at = ?5
WHERE id = ?1 AND owner = ?2 AND removed_at IS NULL

-- name: conn_leave
UPDATE connection SET leaving = 1, updated_at = ?3 WHERE id = ?1 AND owner = ?2
	AND removed_at IS NULL

-- name: conn_remove
UPDATE connection SET removed_at = ?3, cursor = NULL, leaving = 0, updated_at = ?3
WHERE id = ?1 AND owner = ?2 AND removed_at IS NULL

-- name: conn_cursor
UPDATE connection SET cursor = ?3 WHERE id = ?1 AND owner = ?2

-- name: conn_account
UPDATE connection SET account_id = (SELECT r.id FROM remote_account r
	WHERE r.id = ?3 AND r.owner = ?2) WHERE id = ?1 AND owner = ?2

-- name: conn_guard
UPDATE connection SET guard = ?3, guard_plan = ?4 WHERE id = ?1 AND owner = ?2

-- name: conn_limits
UPDATE connection SET guard_percent = ?3, guard_items = ?4 WHERE id = ?1 AND owner = ?2

-- name: conn_read_only
UPDATE connection SET read_only = ?3 WHERE id = ?1 AND owner = ?2

-- name: conn_plan
UPDATE connection SET plan = ?3 WHERE id = ?1 AND owner = ?2

-- columns: conn_planned = c.id, c.name, c.plan
-- name: conn_planned
SELECT {conn_planned} FROM connection c
WHERE c.owner = ?1 AND c.plan IS NOT NULL AND c.removed_at IS NULL ORDER BY c.plan DESC LIMIT ?2

-- name: conn_guard_over
UPDATE connection SET guard = '', guard_plan = '' WHERE id = ?1 AND owner = ?2 AND guard <> ''
	AND guard <> 'always'

-- name: conn_clear
UPDATE connection SET clearing = 1, cursor = NULL WHERE id = ?1 AND owner = ?2

-- name: conn_cleared
UPDATE connection SET clearing = 0 WHERE id = ?1 AND owner = ?2

-- name: sched_save
INSERT INTO schedule (connection_id, owner, enabled, health, failing, failing_since, frequency,
	interval_minutes, rrule, time_zone, next_poll_at, set_at, last_polled_at, last_success_at,
	retry_count, deferrals, max_retries, error_code, error_detail)
VALUES (:connection_id, :owner, :enabled, :health, :failing, :failing_since, :frequency,
	:interval_minutes, :rrule, :time_zone, NULLIF(CAST(:next_poll_at AS BIGINT), 0), :set_at,
	NULLIF(CAST(:last_polled_at AS BIGINT), 0), NULLIF(CAST(:last_success_at AS BIGINT), 0),
	:retry_count, :deferrals, :max_retries, :error_code, :error_detail)
ON CONFLICT (connection_id) DO UPDATE SET enabled = excluded.enabled, health = excluded.health,
	failing = excluded.failing, failing_since = excluded.failing_since,
	frequency = excluded.frequency,
	interval_minutes = excluded.interval_minutes, rrule = excluded.rrule,
	time_zone = excluded.time_zone, next_poll_at = excluded.next_poll_at,
	set_at = excluded.set_at, last_polled_at = excluded.last_polled_at,
	last_success_at = excluded.last_success_at, retry_count = excluded.retry_count,
	deferrals = excluded.deferrals, max_retries = excluded.max_retries,
	error_code = excluded.error_code, error_detail = excluded.error_detail
WHERE schedule.owner = excluded.owner

-- name: sched_drop
DELETE FROM schedule WHERE connection_id = ?1 AND owner = ?2

-- name: cred_get
SELECT sealed FROM credential WHERE connection_id = ?1 AND purpose = ?2 AND owner = ?3

-- name: cred_put
INSERT INTO credential (connection_id, purpose, owner, sealed, updated_at)
SELECT c.id, CAST(?2 AS TEXT), c.owner, CAST(?4 AS TEXT), CAST(?5 AS BIGINT) FROM connection c
WHERE c.id = ?1 AND c.owner = ?3
ON CONFLICT (connection_id, purpose) DO UPDATE SET sealed = excluded.sealed,
	updated_at = excluded.updated_at WHERE credential.owner = excluded.owner

-- name: cred_drop
DELETE FROM credential WHERE connection_id = ?1 AND purpose = ?2 AND owner = ?3

-- name: cred_drop_all
DELETE FROM credential WHERE connection_id = ?1 AND owner = ?2
