-- Events of the application's own calendar. Used by lib/store/event.c, and by
-- lib/app/retain.c.

-- columns: event = id, owner, uid, value, origin, rev, from_at, until_at, created_at, updated_at,
--	deleted_at

-- name: event_get
SELECT {event}
FROM event WHERE id = ?1 AND owner = ?2

-- name: event_range
SELECT {event}
FROM event WHERE owner = :owner AND deleted_at IS NULL AND from_at < :until AND until_at > :from
	AND (from_at > :after OR (from_at = :after AND id > :after_id))
ORDER BY from_at, id LIMIT :limit

-- name: event_count
SELECT count(*) FROM event WHERE owner = ?1 AND deleted_at IS NULL

-- columns: event_print = count(*) AS n, CAST(sum(rev) AS BIGINT) AS revs,
--	CAST(sum(updated_at) AS BIGINT) AS times, max(updated_at) AS last
-- name: event_print
SELECT {event_print}
FROM event WHERE owner = ?1 AND deleted_at IS NULL

-- name: event_unlinked
SELECT {event}
FROM event WHERE owner = ?1 AND deleted_at IS NULL
	AND (from_at > ?3 OR (from_at = ?3 AND id > ?4)) AND NOT EXISTS (SELECT 1 FROM link l
		WHERE l.connection_id = ?2 AND l.object_kind = 'event' AND l.dataset_no = 0
		AND l.object_key = event.id AND l.owner = ?1)
ORDER BY from_at, id LIMIT ?5

-- name: event_by_uid
SELECT {event}
FROM event WHERE owner = ?1 AND uid = ?2 AND (deleted_at IS NULL OR EXISTS (SELECT 1 FROM link l
	WHERE l.object_kind = 'event' AND l.dataset_no = 0 AND l.object_key = event.id
		AND l.owner = ?1 AND (l.state = 'skipped' OR l.connection_id <> ?3)
		AND l.base IS NOT NULL))
ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, id LIMIT ?4

-- name: event_insert
INSERT INTO event (id, owner, uid, value, origin, rev, from_at, until_at, created_at, updated_at,
	deleted_at)
VALUES (:id, :owner, :uid, :value, :origin, 1, :from_at, :until_at, :created_at, :created_at,
	NULLIF(CAST(:deleted_at AS BIGINT), 0))

-- name: event_update
UPDATE event SET value = ?4, rev = rev + 1, from_at = ?5, until_at = ?6, updated_at = ?7,
	deleted_at = NULLIF(CAST(?8 AS BIGINT), 0)
WHERE id = ?1 AND owner = ?2 AND rev = ?3

-- name: event_origin
UPDATE event SET origin = ?4, rev = rev + 1 WHERE id = ?1 AND owner = ?2 AND rev = ?3

-- The links of events that go: of those that nothing is there of any more, and that nobody has kept
-- there.
-- name: retain_links
-- system: retention is for everybody
DELETE FROM link WHERE id IN (SELECT l.id FROM (SELECT id, owner FROM event WHERE deleted_at < ?1
		ORDER BY deleted_at LIMIT ?2) e
	JOIN link l ON l.owner = e.owner AND l.object_kind = 'event' AND l.dataset_no = 0
		AND l.object_key = e.id
	WHERE l.state = 'synced' AND l.base IS NULL AND l.sent IS NULL AND NOT EXISTS (SELECT 1
		FROM outbox o WHERE o.link_id = l.id AND o.finished_at IS NULL))

-- name: retain_events
-- system: retention is for everybody
DELETE FROM event WHERE id IN (SELECT id FROM event WHERE deleted_at < ?1
	ORDER BY deleted_at LIMIT ?2)
