-- Webhooks, messages, deliveries, lanes. Used by lib/store/hook.c, lib/queue/lane.c and
-- lib/queue/mailbox.c only.

-- columns: hook = id, owner, url, description, events, enabled, secret, old_secret, old_until,
--	created_at, updated_at, last_success_at, failing_since, disabled_code, disabled_detail

-- name: hook_insert
INSERT INTO webhook (id, owner, url, description, events, enabled, secret, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?7)

-- name: hook_get
SELECT {hook}
FROM webhook WHERE id = ?1 AND owner = ?2 AND doomed_at IS NULL

-- name: hook_list
SELECT {hook}
FROM webhook WHERE owner = ?1 AND doomed_at IS NULL ORDER BY id LIMIT ?2

-- name: hook_stored
-- system: what an older version has stored is everybody's
SELECT {hook}
FROM webhook WHERE id > ?1 ORDER BY id LIMIT 100

-- name: hook_update
UPDATE webhook SET url = :url, description = :description, events = :events, enabled = :enabled,
	failing_since = NULLIF(CAST(:failing_since AS BIGINT), 0), disabled_code = :disabled_code,
	disabled_detail = :disabled_detail, updated_at = :updated_at
WHERE id = :id AND owner = :owner

-- name: hook_secrets
UPDATE webhook SET secret = ?3, old_secret = ?4, old_until = NULLIF(CAST(?5 AS BIGINT), 0),
	updated_at = ?6 WHERE id = ?1 AND owner = ?2

-- name: hook_result
UPDATE webhook SET last_success_at = NULLIF(CAST(?3 AS BIGINT), 0),
	failing_since = NULLIF(CAST(?4 AS BIGINT), 0) WHERE id = ?1 AND owner = ?2

-- name: hook_doom
UPDATE webhook SET doomed_at = ?3, enabled = 0 WHERE id = ?1 AND owner = ?2 AND doomed_at IS NULL

-- name: message_insert
INSERT INTO message (id, owner, type, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: delivery_insert
INSERT INTO delivery (id, owner, message_id, webhook_id, lane_id, state, due_at, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6)

-- columns: delivery = d.id, d.message_id, m.type, d.state, d.tries, d.attempts, d.due_at,
--	d.created_at, d.finished_at
-- name: delivery_get
SELECT {delivery}
FROM delivery d JOIN message m ON m.id = d.message_id WHERE d.id = ?1 AND d.webhook_id = ?2
	AND d.owner = ?3

-- name: delivery_list
SELECT {delivery}
FROM delivery d JOIN message m ON m.id = d.message_id WHERE d.webhook_id = ?1 AND d.owner = ?2
	AND d.id < ?3 ORDER BY d.id DESC LIMIT ?4

-- name: delivery_again
UPDATE delivery SET state = 'waiting', tries = 0, due_at = ?3, finished_at = NULL
WHERE id = ?1 AND owner = ?2

-- columns: delivery_due = d.id, d.owner, d.message_id, d.webhook_id, d.tries, d.attempts, m.type,
--	m.body
-- name: delivery_due
-- system: the deliverer serves every owner
SELECT {delivery_due} FROM delivery d JOIN message m ON m.id = d.message_id
WHERE d.lane_id = ?1 AND d.due_at <= ?2 ORDER BY d.due_at LIMIT 1

-- name: delivery_next
-- system: the deliverer serves every owner
SELECT due_at FROM delivery WHERE lane_id = ?1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1

-- name: delivery_mend
-- system: the clock is everybody's
UPDATE delivery SET due_at = ?2 WHERE lane_id = ?1 AND due_at > ?3

-- name: delivery_back
-- system: the clock is everybody's
UPDATE delivery SET due_at = due_at - ?1 WHERE due_at IS NOT NULL

-- name: delivery_begin
UPDATE delivery SET tries = tries + 1, attempts = attempts + 1 WHERE id = ?1 AND owner = ?2

-- name: delivery_end
UPDATE delivery SET state = ?3, due_at = NULLIF(CAST(?4 AS BIGINT), 0),
	finished_at = NULLIF(CAST(?5 AS BIGINT), 0) WHERE id = ?1 AND owner = ?2

-- name: attempt_begin
-- system: written by the deliverer for the delivery it has begun
INSERT INTO delivery_attempt (delivery_id, n, at, error_code) VALUES (?1, ?2, ?3, 'interrupted')

-- name: attempt_end
-- system: written by the deliverer for the delivery it has begun
UPDATE delivery_attempt SET duration_ms = ?3, status = ?4, error_code = ?5, error_detail = ?6,
	answer = ?7 WHERE delivery_id = ?1 AND n = ?2

-- columns: attempt = a.n, a.at, a.duration_ms, a.status, a.error_code, a.error_detail, a.answer
-- name: attempt_list
SELECT {attempt}
FROM delivery d JOIN delivery_attempt a ON a.delivery_id = d.id WHERE d.id = ?1 AND d.owner = ?2
ORDER BY a.n DESC LIMIT ?3

-- name: lane_put
-- system: a lane has one owner from its birth
INSERT INTO lane (id, kind, owner, due_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id)
	DO UPDATE SET due_at = CASE
	WHEN lane.pid <> 0 OR lane.due_at <= excluded.due_at THEN lane.due_at
	WHEN lane.hold_until > excluded.due_at THEN lane.hold_until
	ELSE excluded.due_at END

-- name: lane_hurry
-- system: whoever may change what a lane is for has been asked before
UPDATE lane SET hold_until = 0, due_at = CASE WHEN pid <> 0 THEN due_at ELSE ?2 END
WHERE id = ?1

-- name: lane_stop
-- system: whoever may change what a lane is for has been asked before
UPDATE lane SET due_at = NULL WHERE id = ?1 AND pid = 0

-- name: lane_drop
-- system: whoever may change what a lane is for has been asked before
DELETE FROM lane WHERE id = ?1

-- columns: lane_load = count(*) AS busy, count(CASE WHEN failures > 0 THEN 1 END) AS failing
-- name: lane_load
-- system: places are everybody's
SELECT {lane_load} FROM lane WHERE kind = ?1 AND pid <> 0 AND due_at > ?2

-- name: lane_turn
SELECT served FROM lane_turn WHERE kind = ?1

-- name: lane_served
INSERT INTO lane_turn (kind, served) VALUES (?1, ?2) ON CONFLICT (kind)
	DO UPDATE SET served = excluded.served

-- name: lane_turn_well
-- system: owners take turns
SELECT min(l.owner) FROM lane l WHERE l.kind = ?1 AND l.failures = 0 AND l.due_at <= ?2
	AND l.owner > ?3
	AND (SELECT count(*) FROM lane b WHERE b.kind = ?1 AND b.owner = l.owner AND b.pid <> 0
		AND b.due_at > ?2) < ?4

-- name: lane_turn_failing
-- system: owners take turns
SELECT min(l.owner) FROM lane l WHERE l.kind = ?1 AND l.failures > 0 AND l.due_at <= ?2
	AND l.owner > ?3
	AND (SELECT count(*) FROM lane b WHERE b.kind = ?1 AND b.owner = l.owner AND b.pid <> 0
		AND b.due_at > ?2) < ?4

-- columns: lane = id, attempt, failures
-- name: lane_claim_well
UPDATE lane SET due_at = ?2, attempt = attempt + 1, pid = ?3
WHERE id = (SELECT id FROM lane WHERE kind = ?4 AND owner = ?5 AND failures = 0 AND due_at <= ?1
	ORDER BY due_at LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */)
RETURNING {lane}

-- name: lane_claim_failing
UPDATE lane SET due_at = ?2, attempt = attempt + 1, pid = ?3
WHERE id = (SELECT id FROM lane WHERE kind = ?4 AND owner = ?5 AND failures > 0 AND due_at <= ?1
	ORDER BY due_at LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */)
RETURNING {lane}

-- name: lane_release
-- system: the deliverer serves every owner
UPDATE lane SET due_at = NULLIF(CAST(?3 AS BIGINT), 0), hold_until = ?4, failures = ?5, pid = 0
WHERE id = ?1 AND attempt = ?2

-- name: lane_held
-- system: the deliverer serves every owner
SELECT 1 FROM lane WHERE id = ?1 AND attempt = ?2

-- name: lane_free
-- system: the deliverer serves every owner
UPDATE lane SET due_at = ?2, pid = 0 WHERE pid = ?1 AND pid <> 0

-- name: lane_pids
-- system: the tick supervises every owner's lanes
SELECT pid FROM lane WHERE pid <> 0 ORDER BY kind, owner

-- name: lane_soon
-- system: whoever may see what a lane is for has been asked before
SELECT 1 FROM lane WHERE id = ?1 AND (pid <> 0 OR due_at <= ?2)

-- name: lane_next
-- system: the deliverer serves every owner
SELECT due_at FROM lane WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1

-- name: lane_next_well
-- system: the deliverer serves every owner
SELECT l.due_at FROM lane l WHERE l.kind = ?1 AND l.failures = 0 AND l.due_at IS NOT NULL
	AND (SELECT count(*) FROM lane b WHERE b.kind = ?1 AND b.owner = l.owner AND b.pid <> 0
		AND b.due_at > ?2) < ?3
ORDER BY l.due_at LIMIT 1

-- name: lane_next_failing
-- system: the deliverer serves every owner
SELECT l.due_at FROM lane l WHERE l.kind = ?1 AND l.failures > 0 AND l.due_at IS NOT NULL
	AND (SELECT count(*) FROM lane b WHERE b.kind = ?1 AND b.owner = l.owner AND b.pid <> 0
		AND b.due_at > ?2) < ?3
ORDER BY l.due_at LIMIT 1

-- name: lane_mend
-- system: the clock is everybody's
UPDATE lane SET due_at = ?1, hold_until = 0 WHERE due_at > ?2

-- name: lane_back
-- system: the clock is everybody's
UPDATE lane SET due_at = due_at - ?1,
	hold_until = CASE WHEN hold_until > ?1 THEN hold_until - ?1 ELSE 0 END
WHERE due_at IS NOT NULL

-- name: told_ask
INSERT INTO told (connection_id, owner, state, waiting) VALUES (?1, ?2, 'recovered', 1)
ON CONFLICT (connection_id) DO UPDATE SET waiting = 1 WHERE told.owner = excluded.owner

-- columns: told = t.connection_id, t.state, t.trouble_at, c.name, s.health, s.error_code,
--	s.error_detail
-- name: told_waiting
SELECT {told}
FROM told t JOIN connection c ON c.id = t.connection_id JOIN schedule s ON s.connection_id = c.id
WHERE t.owner = ?1 AND t.waiting = 1 ORDER BY t.connection_id LIMIT ?2

-- name: told_set
UPDATE told SET state = ?3, trouble_at = ?4, waiting = ?5 WHERE connection_id = ?1 AND owner = ?2

-- name: retain_messages
-- system: retention is for everybody
DELETE FROM message WHERE id IN (SELECT m.id FROM message m WHERE m.created_at < ?1
	AND (m.created_at < ?2 OR NOT EXISTS (SELECT 1 FROM delivery d
		WHERE d.message_id = m.id AND d.due_at IS NOT NULL)) ORDER BY m.created_at LIMIT
		500)
