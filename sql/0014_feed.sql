-- Who follows the cursor of a feed has all of it, or is told to start again.

-- The newest change of the feed that is forgotten, and when it was made: a tombstone that was swept away. Who had not come so far misses it.
ALTER TABLE dataset ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dataset ADD COLUMN pruned_at INTEGER NOT NULL DEFAULT 0;
-- Tombstones are found without a walk over all records.
CREATE INDEX record_gone ON record (dataset_no, deleted) WHERE deleted IS NOT NULL;

-- The number of a change is never given again, also when the newest ones are removed: "was it changed after that one?" is asked by it.
CREATE TABLE change_next (
	no            INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of writing
	owner         TEXT NOT NULL,
	object_kind   TEXT NOT NULL,
	dataset_no    INTEGER NOT NULL DEFAULT 0,
	object_key    TEXT NOT NULL,
	at            INTEGER NOT NULL,
	action        INTEGER NOT NULL,            -- 0 added, 1 updated, 2 deleted
	side          TEXT NOT NULL,               -- where it was changed: local, remote
	sync_no       INTEGER,                     -- the run that did it; NULL: none
	actor         TEXT,                        -- who did it, when it was no run
	connection_id TEXT,                        -- the other side, when there is one
	reason        TEXT,
	fields        TEXT,                        -- JSON: [{field, before, after}]
	before        TEXT                         -- JSON: the whole of it before; NULL: there was nothing
) STRICT;
INSERT INTO change_next (no, owner, object_kind, dataset_no, object_key, at, action, side, sync_no, actor, connection_id, reason,
	fields, before)
SELECT no, owner, object_kind, dataset_no, object_key, at, action, side, sync_no, actor, connection_id, reason,
	fields, before FROM change;
DROP TABLE change;
ALTER TABLE change_next RENAME TO change;
CREATE INDEX change_object ON change (object_kind, dataset_no, object_key, no);
DELETE FROM sqlite_sequence WHERE name = 'change';
INSERT INTO sqlite_sequence (name, seq) SELECT 'change', max(COALESCE((SELECT max(no) FROM change), 0),
	COALESCE((SELECT max(change_to) FROM sync), 0));
