-- How far the clocks of services are ahead of ours, by the times that their answers bear.
CREATE TABLE remote_clock (
	service TEXT PRIMARY KEY,                      -- the kind that is read there
	samples TEXT NOT NULL,                         -- JSON: [{ahead, within}], ms, the oldest first
	at      INTEGER NOT NULL                       -- when the last one was taken
) STRICT;

-- When it was made at the other side, by our clock; NULL: at "at", or not told.
ALTER TABLE change ADD COLUMN edited_at INTEGER;
