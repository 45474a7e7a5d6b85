-- Keeping a user's contacts level: whether, and how often.
CREATE TABLE auto_sync (
	owner          TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	enabled        INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	interval_hours INTEGER NOT NULL CHECK (interval_hours BETWEEN 1 AND 720),
	last_sync_at   INTEGER,
	next_sync_at   INTEGER NOT NULL,               -- 0 while it is off
	updated_at     INTEGER NOT NULL
) STRICT;
