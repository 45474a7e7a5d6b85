-- Quotas of providers, shared by all processes. Used by lib/access/quota.c only.

-- name: quota_subject
-- Users who read with the same account at the provider share what it may.
SELECT provider || ':' || subject FROM remote_account WHERE owner = ?1 AND id = ?2

-- columns: bucket = level, at, blocked_until
-- name: bucket_get
-- system: a bucket is a project's or an account's, whoever asks
SELECT {bucket} FROM rate_bucket WHERE name = ?1

-- name: bucket_put
-- system: a bucket is a project's or an account's, whoever asks
INSERT INTO rate_bucket (name, level, at, blocked_until) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET level = excluded.level, at = excluded.at,
	blocked_until = excluded.blocked_until

-- name: bucket_back
-- system: the clock is everybody's
UPDATE rate_bucket SET blocked_until = blocked_until - ?1 WHERE blocked_until > ?2

-- name: quota_count
INSERT INTO quota_use (owner, account_id, quota, hour, calls, refused)
SELECT r.owner, r.id, CAST(?3 AS TEXT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), CAST(?6 AS BIGINT)
FROM remote_account r WHERE r.id = ?2 AND r.owner = ?1
ON CONFLICT (account_id, quota, hour) DO UPDATE SET calls = quota_use.calls + excluded.calls,
	refused = quota_use.refused + excluded.refused

-- columns: quota_used = account_id, quota, CAST(sum(calls) AS BIGINT) AS calls,
--	CAST(sum(refused) AS BIGINT) AS refused
-- name: quota_used
SELECT {quota_used} FROM quota_use WHERE owner = ?1 AND hour >= ?2 GROUP BY account_id, quota

-- columns: quota_peak = hour / 86400000 AS day, quota, max(calls) AS calls
-- name: quota_peaks
SELECT {quota_peak} FROM quota_use WHERE owner = ?1 AND hour >= ?2
	AND (CAST(?3 AS TEXT) IS NULL OR account_id = ?3)
GROUP BY hour / 86400000, quota ORDER BY hour / 86400000

-- One that is full again says nothing.
-- name: bucket_sweep
-- system: retention, the same for everybody
DELETE FROM rate_bucket WHERE at < ?1 AND blocked_until < ?1

-- name: quota_sweep
-- system: retention, the same for everybody
DELETE FROM quota_use WHERE hour < ?1
