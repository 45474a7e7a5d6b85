-- The application's own calendar. What an event consists of is its value (lib/event/event.h); the columns beside it
-- are for finding it. One that is deleted stays as long as changes are remembered: so it can come back.

CREATE TABLE event (
	id         TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	uid        TEXT NOT NULL,              -- iCalendar's name for it, the same at every provider
	value      TEXT NOT NULL,              -- JSON
	origin     TEXT,                       -- the connection that it came from; NULL: the application
	rev        INTEGER NOT NULL DEFAULT 1, -- raised by every write: one that was decided on another rev is refused
	from_at    INTEGER NOT NULL,           -- when the first of it begins and the last of it ends, at most
	until_at   INTEGER NOT NULL,           -- one without an end: the year 10000
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	deleted_at INTEGER
) STRICT;
CREATE INDEX event_from ON event (owner, from_at, id) WHERE deleted_at IS NULL;
CREATE INDEX event_until ON event (owner, until_at) WHERE deleted_at IS NULL;
CREATE INDEX event_uid ON event (owner, uid);
CREATE INDEX event_deleted ON event (deleted_at) WHERE deleted_at IS NOT NULL;
