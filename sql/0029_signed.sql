-- Services that open no channel for each source but sign all that they send with a secret of a subscription, which an operator
-- makes in their settings: the secrets, what messages name, and which messages have come.

CREATE TABLE subscription (
	id           TEXT PRIMARY KEY,
	receiver     TEXT NOT NULL,                    -- the name in the address that is called
	secret       TEXT NOT NULL,                    -- sealed
	digest       TEXT NOT NULL,                    -- of the secret: the same one may come twice
	offered_at   INTEGER NOT NULL,
	confirmed_at INTEGER,                          -- NULL: no operator has said that it counts
	last_at      INTEGER,                          -- the last message that was noted
	messages     INTEGER NOT NULL DEFAULT 0,
	UNIQUE (receiver, digest)
) STRICT;

-- What messages have named, for the run that serves them: the key of a record, or '': anything.
CREATE TABLE mention (
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	item          TEXT NOT NULL,
	gone          INTEGER NOT NULL CHECK (gone IN (0, 1)), -- it may not be there any more
	asked         INTEGER NOT NULL,                -- schedule.asked as the message left it
	PRIMARY KEY (connection_id, item)
) STRICT;

CREATE TABLE heard (
	receiver TEXT NOT NULL,
	id       TEXT NOT NULL,                        -- the service's, of a message that was noted
	until    INTEGER NOT NULL,                     -- by then the service repeats it no more
	PRIMARY KEY (receiver, id)
) STRICT;
CREATE INDEX heard_until ON heard (until);
CREATE INDEX channel_resource ON channel (resource_id);
