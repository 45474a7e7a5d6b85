-- What is sent out: events to endpoints of applications (webhooks), and e-mail. One durable queue for both.

CREATE TABLE webhook (
	id              TEXT PRIMARY KEY,
	owner           TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	url             TEXT NOT NULL,
	description     TEXT NOT NULL DEFAULT '',
	events          TEXT NOT NULL,             -- comma-separated, see lib/sync/events.def
	enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	secret          TEXT NOT NULL,             -- sealed
	old_secret      TEXT,                      -- sealed: signs beside the new one until old_until
	old_until       INTEGER,
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL,
	last_success_at INTEGER,
	failing_since   INTEGER,                   -- the first failure since the last success
	disabled_code   TEXT,                      -- switched off by Tidemark: gone, failing
	disabled_detail TEXT
) STRICT;
CREATE INDEX webhook_owner ON webhook (owner, id);

-- Written in the transaction that makes what it tells about.
CREATE TABLE message (
	id         TEXT PRIMARY KEY,               -- 'msg_' and a UUID: the receiver's key against doubles
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	type       TEXT NOT NULL,                  -- an event, webhook.test, or mail
	body       TEXT NOT NULL,                  -- JSON; of a mail sealed, for it may hold a one-time link
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX message_owner ON message (owner);
CREATE INDEX message_created ON message (created_at);

CREATE TABLE delivery (
	id          TEXT PRIMARY KEY,
	owner       TEXT NOT NULL,
	message_id  TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
	webhook_id  TEXT REFERENCES webhook (id) ON DELETE CASCADE,   -- NULL: a mail
	lane_id     TEXT NOT NULL,
	state       TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
	tries       INTEGER NOT NULL DEFAULT 0,    -- since it was queued, or queued again by a person
	attempts    INTEGER NOT NULL DEFAULT 0,    -- in all
	due_at      INTEGER,                       -- NULL: over
	created_at  INTEGER NOT NULL,
	finished_at INTEGER
) STRICT;
CREATE INDEX delivery_lane ON delivery (lane_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_webhook ON delivery (webhook_id, id);
CREATE INDEX delivery_message ON delivery (message_id);

CREATE TABLE delivery_attempt (
	delivery_id  TEXT NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
	n            INTEGER NOT NULL,
	at           INTEGER NOT NULL,
	duration_ms  INTEGER NOT NULL DEFAULT 0,
	status       INTEGER NOT NULL DEFAULT 0,   -- of the answer; 0: there was none
	error_code   TEXT,                         -- 'interrupted' until its end is known
	error_detail TEXT,
	answer       TEXT,                         -- its beginning, as text
	PRIMARY KEY (delivery_id, n)
) STRICT;

-- What is claimed: one webhook, the mail server ('mail'), one person's digest ('digest|' and the owner). One delivery of a lane at a time; a lane that
-- fails waits, and nobody else with it. `attempt` is the fencing number.
CREATE TABLE lane (
	id         TEXT PRIMARY KEY,
	due_at     INTEGER,                        -- when there is something to do; while it is worked on: the end of the lease; NULL: never
	hold_until INTEGER NOT NULL DEFAULT 0,
	failures   INTEGER NOT NULL DEFAULT 0,     -- in a row
	attempt    INTEGER NOT NULL DEFAULT 0,
	pid        INTEGER NOT NULL DEFAULT 0      -- who works on it
) STRICT;
CREATE INDEX lane_well ON lane (due_at) WHERE failures = 0;
CREATE INDEX lane_failing ON lane (due_at) WHERE failures > 0;
CREATE INDEX lane_pid ON lane (pid) WHERE pid <> 0;

-- What a person was told last by mail about a connection.
CREATE TABLE told (
	connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	state         TEXT NOT NULL CHECK (state IN ('attention', 'recovered')),
	trouble_at    INTEGER NOT NULL DEFAULT 0,  -- when a trouble was mailed last
	waiting       INTEGER NOT NULL CHECK (waiting IN (0, 1))
) STRICT;
CREATE INDEX told_waiting ON told (owner, connection_id) WHERE waiting = 1;
