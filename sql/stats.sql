-- Numbers for the operator. Used by cgi-src/fcgi/health.c only.

-- name: stats_health
-- system: the operator's metrics
SELECT health, enabled, count(*) FROM schedule GROUP BY health, enabled ORDER BY health, enabled

-- name: stats_runs
-- system: the operator's metrics
SELECT state, COALESCE(error_code, ''), count(*) FROM sync WHERE finished_at >= ?1 GROUP BY state, COALESCE(error_code, '')
UNION ALL
SELECT state, '', count(*) FROM sync WHERE state IN ('queued', 'running') GROUP BY state

-- name: stats_due
-- system: the operator's metrics
SELECT count(*) FROM schedule WHERE next_poll_at <= ?1

-- name: stats_rows
-- system: the operator's metrics
SELECT CAST(COALESCE(sum(rows), 0) AS BIGINT) FROM dataset
