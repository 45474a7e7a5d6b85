-- Push channels and what comes in by them. Used by lib/queue/channel.c only.

-- name: channel_insert
INSERT INTO channel (id, owner, connection_id, token_hash, expires_at, created_at, account_id)
SELECT CAST(?1 AS TEXT), c.owner, c.id, CAST(?4 AS TEXT), CAST(?5 AS BIGINT), CAST(?6 AS BIGINT),
	CAST(?7 AS TEXT)
FROM connection c WHERE c.id = ?3 AND c.owner = ?2 AND c.removed_at IS NULL

-- name: channel_open
UPDATE channel SET resource_id = ?3, expires_at = ?4 WHERE id = ?1 AND owner = ?2

-- name: channel_drop
DELETE FROM channel WHERE id = ?1 AND owner = ?2

-- name: channel_forget
DELETE FROM channel WHERE owner = ?1 AND id IN (SELECT h.id FROM connection c
	JOIN channel h ON h.connection_id = c.id
	WHERE c.owner = ?1 AND h.owner = ?1 AND h.account_id = ?2)

-- columns: channel = id, resource_id, expires_at, last_at, messages, account_id
-- name: channels_of
SELECT {channel} FROM channel WHERE owner = ?1 AND connection_id = ?2
ORDER BY created_at DESC LIMIT 20

-- columns: channel_told = c.owner, c.connection_id, c.token_hash, c.resource_id, c.expires_at,
--	c.last_at,
--	s.asked - s.served AS waiting
-- name: channel_find
-- system: the channel says whose it is; its token is compared before anything is done
SELECT {channel_told} FROM channel c
LEFT JOIN schedule s ON s.connection_id = c.connection_id AND s.owner = c.owner AND s.enabled = 1
WHERE c.id = ?1

-- name: channel_seen
UPDATE channel SET last_at = ?3, messages = messages + ?4 WHERE id = ?1 AND owner = ?2

-- name: channel_sweep
-- system: what is over is over for everybody
DELETE FROM channel WHERE expires_at < ?1

-- name: channel_back
-- system: the clock is everybody's
-- What was opened by a clock that was ahead ends sooner than is written.
UPDATE channel SET expires_at = ?1 WHERE expires_at > ?1 AND created_at > ?1

-- name: push_ask
UPDATE schedule SET asked = asked + ?3 WHERE connection_id = ?1 AND owner = ?2 AND enabled = 1
RETURNING asked - served

-- name: push_catch_up
UPDATE schedule SET asked = asked + 1, opened = opened + 1
WHERE connection_id = ?1 AND owner = ?2 AND enabled = 1

-- columns: push_asked = s.connection_id, s.owner,
--	CASE WHEN s.asked - s.served > s.opened THEN 1 ELSE 0 END AS told,
--	COALESCE((SELECT r.started_at FROM sync r WHERE r.no = (SELECT MAX(l.no) FROM sync l WHERE
--	l.connection_id = s.connection_id)), 0)
--	+ CASE WHEN (s.asked - s.served - 1) * ?1 < ?2 THEN (s.asked - s.served - 1) * ?1 ELSE ?2
--	END AS due_at
-- name: push_asked
-- system: workers serve every owner
-- A connection with a run under way waits for its end, and after its beginning ?1 for each further
-- message, at most ?2.
SELECT {push_asked}
FROM schedule s WHERE s.asked > s.served AND s.enabled = 1 AND s.health <> 'attention'
	AND NOT EXISTS (SELECT 1 FROM sync r WHERE r.connection_id = s.connection_id
		AND r.state IN ('queued', 'running')) ORDER BY due_at

-- name: push_served
UPDATE schedule SET served = asked, opened = 0
WHERE connection_id = ?1 AND owner = ?2 AND served <> asked

-- name: push_refuse
UPDATE connection SET push_refused = ?3, push_refused_at = ?4 WHERE id = ?1 AND owner = ?2

-- columns: push_refused = push_refused, push_refused_at
-- name: push_refused
SELECT {push_refused} FROM connection WHERE id = ?1 AND owner = ?2
