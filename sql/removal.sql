-- What is removed, page by page. Used by lib/store/removal.c only.
-- Records are their dataset's, which names the owner.

-- name: past_forget
-- Of the datasets whose names are taken by those that go now.
DELETE FROM dataset_past WHERE owner = ?1 AND connection_id = ?2 AND dropped = 1
	AND EXISTS (SELECT 1 FROM dataset d WHERE d.connection_id = dataset_past.connection_id
		AND d.remote_id = dataset_past.remote_id)

-- name: past_put
INSERT INTO dataset_past (no, id, owner, connection_id, remote_id, name, left_rows)
SELECT no, id, owner, connection_id, remote_id, name, rows FROM dataset
WHERE owner = ?1 AND connection_id = ?2

-- name: past_datasets
DELETE FROM dataset WHERE owner = ?1 AND connection_id = ?2

-- name: past_next
SELECT no FROM dataset_past WHERE owner = ?1 AND connection_id = ?2 AND dropped = 0
ORDER BY no LIMIT 1

-- name: past_records
DELETE FROM record WHERE seq IN (SELECT r.seq FROM dataset_past p JOIN record r ON r.seq > ?3
	AND r.seq < ?4 WHERE p.no = ?1 AND p.owner = ?2 ORDER BY r.seq LIMIT ?5)

-- name: past_left
UPDATE dataset_past SET left_rows = CASE WHEN left_rows > ?3 THEN left_rows - ?3 ELSE 0 END
WHERE no = ?1 AND owner = ?2

-- name: past_dropped
UPDATE dataset_past SET dropped = 1, left_rows = 0 WHERE no = ?1 AND owner = ?2

-- name: past_id
SELECT id FROM dataset_past WHERE owner = ?1 AND connection_id = ?2 AND remote_id = ?3
ORDER BY no DESC LIMIT 1

-- name: doom_conn
UPDATE connection SET doomed_at = ?3, clearing = 0 WHERE id = ?1 AND owner = ?2
	AND doomed_at IS NULL

-- name: doom_next
SELECT id FROM connection WHERE owner = ?1 AND doomed_at IS NOT NULL ORDER BY id LIMIT 1

-- name: doom_runs
-- The newest few of its runs, whose working files go first.
SELECT s.id FROM connection c JOIN sync s ON s.connection_id = c.id
WHERE c.id = ?1 AND c.owner = ?2 ORDER BY s.no DESC LIMIT ?3

-- name: doom_run
DELETE FROM sync WHERE id = ?1 AND owner = ?2

-- What hangs on its links, and they: in pages, for there may be many.

-- name: doom_outbox
DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o
	WHERE o.connection_id = ?1 AND o.owner = ?2 LIMIT ?3)

-- name: doom_links
DELETE FROM link WHERE id IN (SELECT l.id FROM link l
	WHERE l.connection_id = ?1 AND l.owner = ?2 LIMIT ?3)

-- name: doom_labelled
DELETE FROM labelled WHERE connection_id = ?1 AND owner = ?2 AND key IN (SELECT x.key
	FROM labelled x WHERE x.connection_id = ?1 AND x.owner = ?2 LIMIT ?3)

-- The lanes that are named after it (queue/lane.h).
-- name: doom_lanes
DELETE FROM lane WHERE owner = ?2
	AND id IN ('outbox|' || ?2 || '|' || ?1, 'watch|' || ?2 || '|' || ?1)

-- name: doom_gone
DELETE FROM connection WHERE id = ?1 AND owner = ?2 AND doomed_at IS NOT NULL

-- name: doom_hook_next
SELECT id FROM webhook WHERE owner = ?1 AND doomed_at IS NOT NULL ORDER BY id LIMIT 1

-- name: doom_deliveries
DELETE FROM delivery WHERE id IN (SELECT d.id FROM delivery d
	WHERE d.webhook_id = ?1 AND d.owner = ?2 LIMIT ?3)

-- name: doom_hook_gone
DELETE FROM webhook WHERE id = ?1 AND owner = ?2 AND doomed_at IS NOT NULL

-- name: gone_user
SELECT 1 FROM account WHERE id = ?1 AND removed_at IS NOT NULL

-- name: gone_conn
SELECT id FROM connection WHERE owner = ?1 AND doomed_at IS NULL ORDER BY id LIMIT 1

-- name: gone_logins
SELECT id FROM remote_account WHERE owner = ?1 LIMIT ?2

-- name: gone_event_changes
DELETE FROM change WHERE no IN (SELECT x.no FROM event e JOIN change x ON x.object_kind = 'event'
	AND x.dataset_no = 0 AND x.object_key = e.id WHERE e.owner = ?1 LIMIT ?2) AND owner = ?1

-- name: gone_events
DELETE FROM event WHERE id IN (SELECT e.id FROM event e WHERE e.owner = ?1 LIMIT ?2)

-- name: gone_messages
DELETE FROM message WHERE id IN (SELECT m.id FROM message m WHERE m.owner = ?1 LIMIT ?2)

-- name: gone_notices
DELETE FROM notice WHERE id IN (SELECT n.id FROM notice n WHERE n.owner = ?1 LIMIT ?2)

-- name: gone_audit
DELETE FROM audit WHERE id IN (SELECT a.id FROM audit a WHERE a.owner = ?1 LIMIT ?2)

-- name: gone_conflicts
DELETE FROM conflict WHERE id IN (SELECT f.id FROM conflict f WHERE f.owner = ?1 LIMIT ?2)

-- name: gone_idents
DELETE FROM person_ident WHERE (owner, kind, value, dataset_no, key) IN (SELECT i.owner, i.kind,
	i.value, i.dataset_no, i.key FROM person_ident i WHERE i.owner = ?1 LIMIT ?2)

-- name: gone_people
DELETE FROM person WHERE (dataset_no, key) IN (SELECT p.dataset_no, p.key FROM person p
	WHERE p.owner = ?1 LIMIT ?2)

-- name: gone_places
DELETE FROM person_place WHERE dataset_no IN (SELECT p.dataset_no FROM person_place p
	WHERE p.owner = ?1 LIMIT ?2)

-- name: gone_lanes
DELETE FROM lane WHERE id IN (SELECT l.id FROM lane l WHERE l.owner = ?1)

-- name: gone_account
DELETE FROM account WHERE id = ?1 AND removed_at IS NOT NULL
