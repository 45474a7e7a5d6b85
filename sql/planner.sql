-- What the chosen schedules read. Used by lib/access/forecast.c only.

-- columns: plan_reads = c.id, c.account_id, c.provider, s.enabled, s.interval_minutes,
--	COALESCE(d.rows, 0) AS rows, COALESCE(d.columns, '[]') AS columns
-- name: plan_reads
SELECT {plan_reads}
FROM connection c JOIN schedule s ON s.connection_id = c.id LEFT
	JOIN dataset d ON d.connection_id = c.id
WHERE c.owner = ?1 AND c.account_id IS NOT NULL AND c.removed_at IS NULL ORDER BY c.id LIMIT 20000

-- columns: plan_project = c.provider, CAST(sum(1000000 / s.interval_minutes) AS BIGINT) AS sum
-- name: plan_shared
-- system: the account at the provider is shared with other users; only sums come out
SELECT {plan_project} FROM connection c JOIN schedule s ON s.connection_id = c.id
WHERE c.account_id IN (SELECT r.id FROM remote_account mine JOIN remote_account r
	ON r.provider = mine.provider AND r.subject = mine.subject AND r.owner <> mine.owner
	WHERE mine.owner = ?1 AND mine.id = ?2)
	AND c.removed_at IS NULL AND s.enabled = 1 GROUP BY c.provider

-- name: plan_project
-- system: the project's quota is shared by everybody; only sums come out
SELECT {plan_project} FROM connection c JOIN schedule s ON s.connection_id = c.id
WHERE c.account_id > '' AND c.removed_at IS NULL AND s.enabled = 1 GROUP BY c.provider
