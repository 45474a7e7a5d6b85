-- A sync that finds nothing new writes fewer pages. Which times were set by a clock that was wrong is looked for in all schedules, once
-- a minute; that a connection has one run at a time, and one of each task, is held by the index that finds them; the lines of a run lie
-- in the order of their key, in one tree instead of two.

DROP INDEX schedule_set;
DROP INDEX sync_one_active;
DROP INDEX sync_active;
CREATE UNIQUE INDEX sync_active ON sync (connection_id, COALESCE(task, '')) WHERE state IN ('queued', 'running');

CREATE TABLE sync_line (
	sync_no INTEGER NOT NULL REFERENCES sync (no) ON DELETE CASCADE,
	n       INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	level   TEXT NOT NULL,                     -- info, warning, error
	text    TEXT NOT NULL,
	PRIMARY KEY (sync_no, n)
) STRICT, WITHOUT ROWID;
INSERT INTO sync_line SELECT sync_no, n, at, level, text FROM sync_log ORDER BY sync_no, n;
DROP TABLE sync_log;
ALTER TABLE sync_line RENAME TO sync_log;
