-- Numbers for the operator. Used by cgi-src/fcgi/health.c only.

-- columns: stats_health = health, enabled, count(*) AS n
-- name: stats_health
-- system: the operator's metrics
SELECT {stats_health} FROM schedule GROUP BY health, enabled ORDER BY health, enabled

-- What conn_state() (lib/app/state.h) asks of each connection.
-- columns: stats_states = health, enabled, active, count(*) AS n
-- name: stats_states
-- system: the operator's metrics
SELECT {stats_states}
FROM (SELECT c.health, c.enabled, CASE WHEN EXISTS
	(SELECT 1 FROM sync s WHERE s.connection_id = c.connection_id AND s.state IN ('queued',
		'running'))
	THEN 1 ELSE 0 END AS active FROM schedule c) each_one
GROUP BY health, enabled, active

-- columns: stats_runs = state, COALESCE(error_code, '') AS error, count(*) AS n
-- name: stats_runs
-- system: the operator's metrics
SELECT {stats_runs} FROM sync WHERE finished_at >= ?1 GROUP BY state, COALESCE(error_code, '')
UNION ALL
SELECT state, '' AS error, count(*) AS n FROM sync WHERE state IN ('queued', 'running')
GROUP BY state

-- name: stats_due
-- system: the operator's metrics
SELECT count(*) FROM schedule WHERE next_poll_at <= ?1

-- name: stats_rows
-- system: the operator's metrics
SELECT CAST(COALESCE(sum(rows), 0) AS BIGINT) FROM dataset
