-- What is to be done at providers. Used by lib/store/outbox.c and outbox_counts.c only.

-- columns: outbox = id, owner, link_id, connection_id, op, fields, state, edits, taken, mark,
--	attempts, next_at, fence, error_code, error_detail, created_at, updated_at, finished_at,
--	question, harms

-- name: outbox_insert
INSERT INTO outbox (id, owner, link_id, connection_id, op, fields, state, next_at, created_at,
	updated_at, allowed, harms)
VALUES (:id, :owner, :link_id, :connection_id, :op, :fields, :state, :now, :now, :now, :allowed,
	CASE WHEN CAST(:fields AS TEXT) = '[]' THEN 0 ELSE (SELECT count(*) FROM link l
		WHERE l.id = :link_id AND l.owner = :owner AND l.base IS NOT NULL) END)

-- name: outbox_get
SELECT {outbox}
FROM outbox WHERE id = ?1 AND owner = ?2

-- name: outbox_of_link
SELECT {outbox}
FROM outbox WHERE link_id = ?1 AND finished_at IS NULL AND owner = ?2

-- What would go to a connection that is disconnected goes nowhere, unless it is connected again.
-- What is held by a question that was answered is none of those that are held (outbox_ruled).
-- name: outbox_list_state
SELECT {outbox}
FROM outbox WHERE owner = ?1 AND state = ?2 AND id > ?3 AND (finished_at IS NOT NULL
	OR connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL))
	AND (state <> 'held' OR NOT EXISTS (SELECT 1 FROM ruling r
	WHERE r.question = outbox.question))
ORDER BY id LIMIT ?4

-- What is held and was answered so that it is sent.
-- name: outbox_list_ruled
SELECT {outbox o.} FROM ruling r CROSS JOIN outbox o
WHERE r.owner = ?1 AND r.keep = 0 AND o.question = r.question AND o.owner = ?1
	AND o.state = 'held' AND o.id > ?2
	AND o.connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL)
ORDER BY o.id LIMIT ?3

-- name: outbox_join
UPDATE outbox SET op = ?3, fields = ?4, state = ?5, next_at = NULLIF(CAST(?6 AS BIGINT), 0),
	edits = edits + 1, updated_at = ?7,
	harms = CASE WHEN CAST(?4 AS TEXT) = '[]' THEN harms ELSE (SELECT count(*) FROM link l
		WHERE l.id = outbox.link_id AND l.owner = ?2 AND l.base IS NOT NULL) END,
	judged = 0, allowed = CASE WHEN CAST(?8 AS BIGINT) = 1 THEN 1 ELSE allowed END
WHERE id = ?1 AND owner = ?2

-- name: outbox_claim
-- system: workers serve every owner
UPDATE outbox SET state = 'sending', fence = fence + 1, attempts = attempts + 1, taken = edits,
	next_at = ?3, updated_at = ?2
WHERE id = (SELECT o.id FROM outbox o WHERE o.connection_id = ?1 AND o.next_at <= ?2 ORDER BY
	o.next_at LIMIT 1 /*pg FOR UPDATE SKIP LOCKED */)
RETURNING {outbox}

-- name: outbox_next
-- system: workers serve every owner
SELECT next_at FROM outbox WHERE connection_id = ?1 AND next_at IS NOT NULL ORDER BY next_at LIMIT 1

-- What somebody has had tried again: it has gone wrong, and its attempts are counted anew.
-- name: outbox_again
-- system: workers serve every owner
SELECT id FROM outbox WHERE connection_id = ?1 AND next_at <= ?2 AND state = 'waiting'
	AND attempts = 0 AND error_code IS NOT NULL LIMIT 1

-- name: outbox_back
-- system: the clock is everybody's
UPDATE outbox SET next_at = next_at - ?1 WHERE next_at IS NOT NULL

-- What a process was sending that is dead: a request may be out where there is a mark. A lane of
-- the outbox is named after what it carries.
-- name: outbox_orphaned
-- system: workers serve every owner
UPDATE outbox SET state = CASE WHEN mark IS NULL THEN 'waiting' ELSE 'unsure' END,
	next_at = CASE WHEN mark IS NULL THEN ?2 ELSE ?3 END, fence = fence + 1, error_code = ?4,
	error_detail = NULL, updated_at = ?2
WHERE state = 'sending'
	AND connection_id IN (SELECT substr(l.id, length('outbox|' || l.owner || '|') + 1)
	FROM lane l WHERE l.pid = ?1 AND l.pid <> 0 AND l.kind = 'outbox')

-- name: outbox_mark
UPDATE outbox SET mark = ?4, next_at = ?5 WHERE id = ?1 AND owner = ?2 AND fence = ?3
	AND state = 'sending'

-- name: outbox_settle
UPDATE outbox SET state = :state, next_at = NULLIF(CAST(:next_at AS BIGINT), 0),
	finished_at = NULLIF(CAST(:finished_at AS BIGINT), 0), error_code = :error_code,
	error_detail = :error_detail,
	attempts = :attempts, updated_at = :now, mark = CASE
		WHEN CAST(:state AS TEXT) = 'unsure' THEN mark END
WHERE id = :id AND owner = :owner AND fence = :fence AND state = 'sending'

-- name: outbox_hurry
UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ?3, updated_at = ?3,
	allowed = CASE WHEN state = 'held' THEN 1 ELSE allowed END
WHERE id = ?1 AND owner = ?2 AND state IN ('waiting', 'failed', 'held') AND finished_at IS NULL

-- What of a connection is to be sent and would delete or overwrite what is there, and what has done
-- so of late, each twin once however often it was written; of it nobody was asked about, or it is
-- held and was not answered.
-- columns: outbox_harm = (SELECT count(*) FROM outbox w WHERE w.connection_id = ?1 AND w.owner = ?2
--	AND w.harms = 1 AND w.allowed = 0 AND w.finished_at IS NULL
--	AND w.state = 'waiting') AS waiting,
--	(SELECT count(*) FROM outbox o WHERE o.connection_id = ?1 AND o.owner = ?2 AND o.harms = 1
--	AND o.allowed = 0 AND o.finished_at IS NULL)
--	- (SELECT count(*) FROM ruling r CROSS JOIN outbox p WHERE r.owner = ?2
--	AND p.question = r.question AND p.owner = ?2 AND p.state = 'held'
--	AND p.connection_id = ?1 AND p.harms = 1 AND p.allowed = 0) AS open,
--	(SELECT count(*) FROM outbox d WHERE d.connection_id = ?1 AND d.owner = ?2 AND d.harms = 1
--	AND d.allowed = 0 AND d.finished_at > ?3 AND NOT EXISTS (SELECT 1 FROM outbox x
--		WHERE x.link_id = d.link_id AND x.harms = 1 AND x.allowed = 0
--		AND (x.finished_at IS NULL OR x.finished_at > d.finished_at
--			OR (x.finished_at = d.finished_at AND x.id > d.id)))) AS done,
--	(SELECT count(*) FROM outbox g WHERE g.connection_id = ?1 AND g.owner = ?2 AND g.harms = 1
--	AND g.allowed = 0 AND g.finished_at > ?3 AND g.op = 'delete' AND NOT EXISTS (SELECT 1
--		FROM outbox y WHERE y.link_id = g.link_id AND y.harms = 1 AND y.allowed = 0
--		AND (y.finished_at IS NULL OR y.finished_at > g.finished_at
--			OR (y.finished_at = g.finished_at AND y.id > g.id)))) AS deleted,
--	CASE WHEN EXISTS (SELECT 1 FROM outbox h WHERE h.owner = ?2 AND h.state = 'held')
--	THEN 1 ELSE 0 END AS asked

-- name: outbox_harm
SELECT {outbox_harm}

-- name: outbox_unjudged
SELECT id FROM outbox WHERE connection_id = ?1 AND owner = ?2 AND harms = 1 AND allowed = 0
	AND judged = 0 LIMIT 1

-- name: outbox_judged
UPDATE outbox SET judged = 1 WHERE connection_id = ?1 AND owner = ?2 AND harms = 1
	AND allowed = 0 AND judged = 0

-- name: outbox_harmless
UPDATE outbox SET harms = 0 WHERE connection_id = ?1 AND owner = ?2 AND harms = 1 AND allowed = 0
	AND judged = 0 AND state = 'waiting'

-- name: outbox_there
SELECT count(*) FROM link WHERE connection_id = ?1 AND owner = ?2 AND base IS NOT NULL

-- name: outbox_asking
-- That the guard has asked: what an undo holds is allowed otherwise.
SELECT question FROM outbox WHERE connection_id = ?1 AND owner = ?2 AND state = 'held'
	AND allowed = 0 AND question IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM ruling r WHERE r.question = outbox.question) LIMIT 1

-- name: outbox_hold
UPDATE outbox SET state = 'held', next_at = NULL, question = ?3, updated_at = ?4
WHERE connection_id = ?1 AND owner = ?2 AND state = 'waiting' AND harms = 1 AND allowed = 0
	AND finished_at IS NULL

-- A person has seen what goes, and said so.
-- name: outbox_allow_one
UPDATE outbox SET allowed = 1 WHERE id = ?1 AND owner = ?2

-- name: outbox_on_way
SELECT count(*) FROM outbox WHERE connection_id = ?1 AND owner = ?2
	AND state IN ('waiting', 'sending', 'unsure')

-- One item alone; the guard has nothing to say to it.
-- name: outbox_hold_one
UPDATE outbox SET state = 'held', next_at = NULL, question = ?3, allowed = 1, updated_at = ?4
WHERE id = ?1 AND owner = ?2 AND state IN ('waiting', 'held') AND finished_at IS NULL

-- The same done elsewhere to an object of which something is held.
-- name: outbox_hold_copies
UPDATE outbox SET state = 'held', next_at = NULL, updated_at = ?2, question = (SELECT h.question
	FROM link l JOIN link m ON m.owner = l.owner AND m.object_kind = l.object_kind
		AND m.dataset_no = l.dataset_no AND m.object_key = l.object_key
	JOIN outbox h ON h.link_id = m.id AND h.state = 'held' AND h.allowed = 0
		AND h.op = outbox.op
	WHERE l.id = outbox.link_id AND h.question IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM ruling r WHERE r.question = h.question) LIMIT 1)
WHERE owner = ?1 AND state = 'waiting' AND harms = 1 AND allowed = 0 AND EXISTS (SELECT 1
	FROM link l JOIN link m ON m.owner = l.owner AND m.object_kind = l.object_kind
		AND m.dataset_no = l.dataset_no AND m.object_key = l.object_key
	JOIN outbox h ON h.link_id = m.id AND h.state = 'held' AND h.allowed = 0
		AND h.op = outbox.op
	WHERE l.id = outbox.link_id AND h.question IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM ruling r WHERE r.question = h.question))

-- What the guard of one connection holds elsewhere, and nobody has answered.
-- name: outbox_unask
UPDATE outbox SET state = 'waiting', next_at = ?3, updated_at = ?3, question = NULL, judged = 0
WHERE owner = ?1 AND state = 'held' AND connection_id <> ?2 AND allowed = 0
	AND EXISTS (SELECT 1 FROM sync s WHERE s.id = outbox.question AND s.connection_id = ?2)
	AND NOT EXISTS (SELECT 1 FROM ruling r WHERE r.question = outbox.question)

-- name: outbox_free
UPDATE outbox SET state = 'waiting', next_at = ?3, updated_at = ?3, allowed = 1
WHERE question = ?1 AND owner = ?2 AND state = 'held' AND id <= ?4

-- name: outbox_allow
UPDATE outbox SET allowed = 1
WHERE connection_id = ?1 AND owner = ?2 AND finished_at IS NULL AND state = 'waiting'

-- name: outbox_of_question
SELECT {outbox}
FROM outbox WHERE question = ?1 AND owner = ?2 AND state = 'held' AND id > ?3
	AND (CAST(?5 AS TEXT) IS NULL OR connection_id = ?5) ORDER BY id LIMIT ?4

-- A question is open as long as it holds something where somebody could answer.
-- columns: outbox_ask = count(*) AS n,
--	CAST(sum(CASE WHEN op = 'delete' THEN 1 ELSE 0 END) AS BIGINT) AS deleted

-- name: outbox_question_counts
SELECT {outbox_ask} FROM outbox WHERE question = ?1 AND owner = ?2 AND state = 'held'
	AND connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?2 AND c.removed_at IS NULL)

-- name: outbox_question_open
SELECT 1 FROM outbox WHERE question = ?1 AND owner = ?2 AND state = 'held'
	AND connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?2 AND c.removed_at IS NULL) LIMIT 1

-- columns: outbox_place = connection_id, count(*) AS n,
--	CAST(sum(CASE WHEN op = 'delete' THEN 1 ELSE 0 END) AS BIGINT) AS deleted

-- name: outbox_places
SELECT {outbox_place} FROM outbox WHERE question = ?1 AND owner = ?2 AND state = 'held'
	AND connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?2 AND c.removed_at IS NULL)
GROUP BY connection_id ORDER BY connection_id LIMIT ?3

-- columns: outbox_question = question, count(*) AS n

-- name: outbox_questions
SELECT {outbox_question} FROM outbox WHERE owner = ?1 AND state = 'held' AND question IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM ruling r WHERE r.question = outbox.question)
	AND connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL)
GROUP BY question ORDER BY question DESC LIMIT ?2

-- name: outbox_held_at
SELECT {outbox_question} FROM outbox WHERE connection_id = ?1 AND owner = ?2 AND state = 'held'
	AND question IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM ruling r WHERE r.question = outbox.question)
GROUP BY question ORDER BY question DESC LIMIT 1

-- name: outbox_conns
SELECT DISTINCT connection_id FROM outbox WHERE owner = ?1 AND state IN ('waiting', 'unsure')
LIMIT ?2

-- name: outbox_drop
DELETE FROM outbox WHERE id = ?1 AND owner = ?2 AND state = ?3

-- columns: outbox_open = state, count(*) AS n
-- name: outbox_open
SELECT {outbox_open} FROM outbox
WHERE owner = ?1 AND state IN ('waiting', 'sending', 'unsure', 'held', 'failed') GROUP BY state

-- columns: outbox_count = state, count(*) AS n, min(id) AS first

-- name: outbox_counts
SELECT {outbox_count} FROM outbox WHERE owner = ?1 AND (finished_at IS NOT NULL
	OR connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL))
GROUP BY state

-- What is still held though it was answered: by what was said of it.
-- columns: outbox_ruled = CAST(sum(r.keep) AS BIGINT) AS keeps,
--	CAST(sum(1 - r.keep) AS BIGINT) AS sends,
--	min(CASE WHEN r.keep = 0 THEN o.id END) AS first
-- name: outbox_ruled
SELECT {outbox_ruled} FROM ruling r CROSS JOIN outbox o
WHERE r.owner = ?1 AND o.question = r.question AND o.owner = ?1 AND o.state = 'held'
	AND (CAST(?2 AS TEXT) IS NULL OR o.connection_id = ?2)
	AND o.connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL)

-- columns: outbox_state = state, count(*) AS n

-- name: outbox_states
SELECT {outbox_state} FROM outbox
WHERE connection_id = ?1 AND owner = ?2
	AND state IN ('waiting', 'sending', 'unsure', 'held', 'failed') GROUP BY state

-- name: outbox_hurry_all
UPDATE outbox SET state = 'waiting', attempts = 0, next_at = ?2, updated_at = ?2
WHERE owner = ?1 AND state IN ('waiting', 'failed')
	AND connection_id IN (SELECT c.id FROM connection c
	WHERE c.owner = ?1 AND c.removed_at IS NULL AND (c.leaving = 1 OR NOT EXISTS (SELECT 1
		FROM schedule s
		WHERE s.connection_id = c.id AND s.owner = c.owner AND s.enabled = 0)))

-- name: outbox_clear
DELETE FROM outbox WHERE owner = ?1 AND id IN (SELECT o.id FROM outbox o
	WHERE o.owner = ?1 AND o.finished_at < ?2 ORDER BY o.finished_at LIMIT ?3)

-- name: outbox_clear_failed
DELETE FROM outbox WHERE owner = ?1 AND id IN (SELECT o.id FROM outbox o
	WHERE o.owner = ?1 AND o.state = 'failed' AND o.updated_at < ?2 ORDER BY o.id LIMIT ?3)

-- What was done, or given up, so long ago, of all owners.
-- name: retain_outbox
-- system: retention is for everybody
DELETE FROM outbox WHERE id IN (SELECT o.id FROM account a CROSS JOIN outbox o
	WHERE o.owner = a.id AND o.finished_at < ?1 LIMIT ?2)
