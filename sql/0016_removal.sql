-- What is removed goes page by page, and can be seen until it is gone.

-- Datasets that are no more: cleared, or of a connection that is to be removed. The next dataset of the same table gets the id, so that who
-- follows its feed is told to start again.
CREATE TABLE dataset_past (
	no            INTEGER PRIMARY KEY,
	id            TEXT NOT NULL,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	remote_id     TEXT NOT NULL,
	name          TEXT NOT NULL,
	left_rows     INTEGER NOT NULL,            -- that are still there
	dropped       INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1)) -- nothing is left of it
) STRICT;
CREATE INDEX dataset_past_connection ON dataset_past (connection_id, dropped, no);
CREATE INDEX dataset_past_owner ON dataset_past (owner);
CREATE INDEX dataset_past_id ON dataset_past (id);

-- Since when the connection is to be removed with all it has; NULL: it stays, or its data does.
ALTER TABLE connection ADD COLUMN doomed_at INTEGER;
CREATE INDEX connection_doomed ON connection (owner, id) WHERE doomed_at IS NOT NULL;
-- Since when the user is.
ALTER TABLE account ADD COLUMN removed_at INTEGER;
