-- A run that does something else than read, and what it takes back.

ALTER TABLE sync ADD COLUMN task TEXT;       -- JSON: what it does (lib/store/task.h); NULL: it reads
ALTER TABLE sync ADD COLUMN undoes TEXT;     -- id of the run that it takes back; NULL: none
-- It may be beside one that reads, as an edit may.
DROP INDEX sync_one_active;
CREATE UNIQUE INDEX sync_one_active ON sync (connection_id) WHERE state IN ('queued', 'running') AND task IS NULL;
CREATE INDEX sync_active ON sync (connection_id) WHERE state IN ('queued', 'running');
CREATE INDEX sync_undoes ON sync (undoes) WHERE undoes IS NOT NULL;
