-- Numbers for the operator. Used by cgi-src/fcgi/health.c and lib/db/probe.c only.

-- columns: stats_runs = state, COALESCE(error_code, '') AS error,
--	CAST(sum(1 + rolled) AS BIGINT) AS n
-- name: stats_runs
-- system: the operator's metrics
SELECT {stats_runs} FROM sync WHERE finished_at >= ?1 GROUP BY state, COALESCE(error_code, '')
UNION ALL
SELECT state, '' AS error, count(*) AS n FROM sync WHERE state IN ('queued', 'running')
GROUP BY state

-- What is held and was answered is what it is about to be: waiting, or nothing.
-- columns: stats_outbox = CASE WHEN r.keep = 0 THEN 'waiting' ELSE o.state END AS state,
--	count(*) AS n
-- name: stats_outbox
-- system: the operator's metrics
SELECT {stats_outbox} FROM outbox o LEFT JOIN ruling r ON r.question = o.question
	AND o.state = 'held'
WHERE o.finished_at IS NULL AND (r.keep IS NULL OR r.keep = 0)
	AND o.connection_id IN (SELECT c.id FROM connection c WHERE c.removed_at IS NULL)
GROUP BY CASE WHEN r.keep = 0 THEN 'waiting' ELSE o.state END

-- name: stats_conflicts
-- system: the operator's metrics
SELECT count(*) FROM conflict WHERE state = 'open'

-- name: stats_due
-- system: the operator's metrics
SELECT count(*) FROM schedule d WHERE d.next_poll_at <= ?1
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = d.connection_id
		AND r.state IN ('queued', 'running') AND r.task IS NULL)

-- name: stats_rows
-- system: the operator's metrics
SELECT CAST(COALESCE(sum(rows), 0) AS BIGINT) FROM dataset

-- name: stats_probe
-- system: a row of each table that every request or run needs, to see whether they can be read
SELECT (SELECT count(*) FROM (SELECT 1 FROM account LIMIT 1))
	+ (SELECT count(*) FROM (SELECT 1 FROM api_token LIMIT 1))
	+ (SELECT count(*) FROM (SELECT 1 FROM connection LIMIT 1))
	+ (SELECT count(*) FROM (SELECT 1 FROM schedule LIMIT 1))
	+ (SELECT count(*) FROM (SELECT 1 FROM sync ORDER BY no DESC LIMIT 1))
	+ (SELECT count(*) FROM (SELECT 1 FROM dataset LIMIT 1))
	+ (SELECT count(*) FROM (SELECT 1 FROM record ORDER BY seq DESC LIMIT 1))
