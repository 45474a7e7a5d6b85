-- What the cursors of feeds are held against. Used by lib/store/feed.c, and of a backup by
-- lib/db/open.c.

-- name: feed_epoch
-- system: one row for the whole database
SELECT value FROM meta WHERE name = 'feed_epoch'

-- name: feed_epoch_make
-- system: one row for the whole database
INSERT INTO meta (name, value) VALUES ('feed_epoch', ?1) ON CONFLICT (name) DO NOTHING

-- name: feed_epoch_forget
-- system: one row for the whole database; run in a copy by lib/db/open.c
DELETE FROM meta WHERE name = 'feed_epoch'

-- columns: feed_old = max(g.seq) AS seq, max(g.deleted) AS deleted
-- name: feed_old
-- system: retention is for everybody
-- What was deleted here stays as long as the source has it.
SELECT {feed_old} FROM (SELECT r.seq, r.deleted FROM record r WHERE r.dataset_no = ?1
	AND r.deleted < ?2 AND r.origin = 0 ORDER BY r.deleted, r.seq LIMIT ?3) g

-- name: feed_forget
-- system: retention is for everybody
DELETE FROM record WHERE seq IN (SELECT r.seq FROM record r WHERE r.dataset_no = ?1
	AND r.deleted < ?2 AND r.origin = 0 ORDER BY r.deleted, r.seq LIMIT ?3)

-- name: feed_pruned
-- system: retention is for everybody
UPDATE dataset SET pruned = CASE WHEN pruned < ?2 THEN CAST(?2 AS BIGINT) ELSE pruned END,
	pruned_at = CASE WHEN pruned_at < ?3 THEN CAST(?3 AS BIGINT) ELSE pruned_at END
WHERE no = ?1
