-- The first schema. Ids are UUIDv7 text made by us; times are INTEGER milliseconds UTC bound from the clock; JSON is
-- TEXT; flags are 0 / 1. Every row that belongs to a user carries that user's id as `owner`.

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

-- A person who signs in ("user" is a reserved word elsewhere).
CREATE TABLE account (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL UNIQUE,
	role        TEXT NOT NULL CHECK (role IN ('operator', 'member')),
	created_at  INTEGER NOT NULL,
	disabled_at INTEGER
) STRICT;

-- One-time sign-in links: only the hash is stored, one use, short life.
CREATE TABLE sign_in_key (
	hash       TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_key_expires ON sign_in_key (expires_at);

CREATE TABLE web_session (
	hash       TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	csrf       TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX web_session_expires ON web_session (expires_at);

CREATE TABLE api_token (
	id           TEXT PRIMARY KEY,
	owner        TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	hash         TEXT NOT NULL UNIQUE,
	scopes       TEXT NOT NULL, -- comma-separated: read, sync, write, operator
	created_at   INTEGER NOT NULL,
	last_used_at INTEGER,
	expires_at   INTEGER,
	revoked_at   INTEGER
) STRICT;
CREATE INDEX api_token_owner ON api_token (owner, id);

-- A source that a user connected. `cursor` is what the last complete read left behind (validators, tokens).
CREATE TABLE connection (
	id         TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	provider   TEXT NOT NULL,
	name       TEXT NOT NULL,
	config     TEXT NOT NULL,
	config_rev INTEGER NOT NULL DEFAULT 1,     -- counts changes of config: a read under another revision is not "unchanged"
	cursor     TEXT,
	guard      TEXT NOT NULL DEFAULT '',       -- the owner's answer to the blast-radius guard: '', approve, keep, always
	guard_count INTEGER NOT NULL DEFAULT 0,    -- deletions that `approve` was given for
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	removed_at INTEGER                         -- disconnected, its data kept readable: hidden everywhere else
) STRICT;
CREATE INDEX connection_owner ON connection (owner, id);

-- When a connection is read, and how it is doing. Narrow on purpose: claiming reads and writes only this.
CREATE TABLE schedule (
	connection_id    TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
	owner            TEXT NOT NULL,
	enabled          INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	health           TEXT NOT NULL CHECK (health IN ('ok', 'retrying', 'attention')),
	failing          INTEGER NOT NULL DEFAULT 0 CHECK (failing IN (0, 1)), -- the last run failed: such take at most half the places
	frequency        TEXT NOT NULL CHECK (frequency IN ('15min', '30min', 'hourly', 'daily', 'weekly', 'custom')),
	interval_minutes INTEGER NOT NULL CHECK (interval_minutes BETWEEN 1 AND 576000),
	rrule            TEXT,
	time_zone        TEXT,
	next_poll_at     INTEGER,                  -- NULL: not scheduled (off, paused, needs attention)
	set_at           INTEGER NOT NULL,         -- the clock when next_poll_at was set: later than now means the clock was wrong
	last_polled_at   INTEGER,
	last_success_at  INTEGER,
	retry_count      INTEGER NOT NULL DEFAULT 0, -- failures that count (errors.def COUNT) in a row
	deferrals        INTEGER NOT NULL DEFAULT 0, -- failures of any kind in a row, for the backoff
	max_retries      INTEGER NOT NULL DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 100),
	error_code       TEXT,                     -- why it is off, or what the last run failed with
	error_detail     TEXT
) STRICT;
CREATE INDEX schedule_due ON schedule (failing, next_poll_at) WHERE next_poll_at IS NOT NULL;
CREATE INDEX schedule_set ON schedule (set_at) WHERE next_poll_at IS NOT NULL;

-- Secrets of a connection, sealed by lib/vault (associated data: connection id + purpose).
CREATE TABLE credential (
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	purpose       TEXT NOT NULL,
	owner         TEXT NOT NULL,
	sealed        TEXT NOT NULL,
	updated_at    INTEGER NOT NULL,
	PRIMARY KEY (connection_id, purpose)
) STRICT;

-- One run. queued -> running -> complete | error. `attempt` is the fencing number: every write of a worker names it.
CREATE TABLE sync (
	no            INTEGER PRIMARY KEY,
	id            TEXT NOT NULL UNIQUE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	trigger       TEXT NOT NULL CHECK (trigger IN ('first', 'manual', 'api', 'schedule', 'webhook', 'resume', 'approve', 'command')),
	state         TEXT NOT NULL CHECK (state IN ('queued', 'running', 'complete', 'error')),
	phase         TEXT NOT NULL CHECK (phase IN ('downloading', 'processing', 'saving', 'complete', 'error')),
	progress      INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
	message       TEXT NOT NULL DEFAULT '',
	created_at    INTEGER NOT NULL,
	started_at    INTEGER,
	updated_at    INTEGER NOT NULL,
	finished_at   INTEGER,
	lease_until   INTEGER NOT NULL DEFAULT 0,
	attempt       INTEGER NOT NULL DEFAULT 0,
	pid           INTEGER NOT NULL DEFAULT 0,
	cancel        INTEGER NOT NULL DEFAULT 0 CHECK (cancel IN (0, 1)),
	resumes       INTEGER NOT NULL DEFAULT 0,  -- runs in a row that were interrupted before this one
	resumed_from  TEXT,                        -- id of the interrupted run whose spool this one goes on with
	checkpoint    TEXT,                        -- JSON: where the run is, saved with the data it covers
	size          INTEGER NOT NULL DEFAULT 0,  -- bytes read from the source
	lines         INTEGER NOT NULL DEFAULT 0,  -- lines or items seen in it
	fetched       INTEGER NOT NULL DEFAULT 0,  -- records found
	added         INTEGER NOT NULL DEFAULT 0,
	updated       INTEGER NOT NULL DEFAULT 0,
	deleted       INTEGER NOT NULL DEFAULT 0,
	unchanged     INTEGER NOT NULL DEFAULT 0,
	skipped       INTEGER NOT NULL DEFAULT 0,
	calls         INTEGER NOT NULL DEFAULT 0,  -- requests to the source
	not_modified  INTEGER NOT NULL DEFAULT 0,  -- the source said, or its bytes showed, that nothing changed
	skips         TEXT,                        -- JSON: [{reason, count, examples}]
	warnings      TEXT,                        -- JSON: [{code, message}]
	review        TEXT,                        -- JSON: what the blast-radius guard asks about
	error_code    TEXT,
	error_detail  TEXT
) STRICT;
CREATE UNIQUE INDEX sync_one_active ON sync (connection_id) WHERE state IN ('queued', 'running');
CREATE INDEX sync_queue ON sync (state, no) WHERE state IN ('queued', 'running');
CREATE INDEX sync_history ON sync (connection_id, no);
CREATE INDEX sync_owner ON sync (owner, no);
CREATE INDEX sync_finished ON sync (finished_at) WHERE finished_at IS NOT NULL;

-- One table of records: a file, a tab, a calendar. Columns are numbered; a record's payload is a JSON array in that order.
CREATE TABLE dataset (
	no            INTEGER PRIMARY KEY,
	id            TEXT NOT NULL UNIQUE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	remote_id     TEXT NOT NULL,               -- the source's own name for it; '' when it has only one
	name          TEXT NOT NULL,
	columns       TEXT NOT NULL,               -- JSON, see lib/sync/columns.h
	key_rule      TEXT NOT NULL,               -- JSON: how keys are made
	view_name     TEXT,
	rows          INTEGER NOT NULL DEFAULT 0,
	next_seq      INTEGER NOT NULL DEFAULT 1,
	as_of         INTEGER,                     -- start of the last complete read
	created_at    INTEGER NOT NULL,
	UNIQUE (connection_id, remote_id)
) STRICT;
CREATE INDEX dataset_owner ON dataset (owner, connection_id);

-- `seq` is dataset number * 2^40 + a number that grows with every change: the primary key is the feed, in order of change.
CREATE TABLE record (
	seq        INTEGER PRIMARY KEY,
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	payload    TEXT NOT NULL,
	first_seen INTEGER NOT NULL,
	changed    INTEGER NOT NULL,
	deleted    INTEGER,                        -- NULL: present in the source
	action     INTEGER NOT NULL,               -- 0 added, 1 updated, 2 deleted
	sync_no    INTEGER NOT NULL                -- the run that last changed it
) STRICT;
CREATE UNIQUE INDEX record_key ON record (dataset_no, key);

-- History and before-images: what a record was before a run changed or deleted it.
CREATE TABLE record_change (
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	sync_no    INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	action     INTEGER NOT NULL,
	before     TEXT,
	PRIMARY KEY (dataset_no, key, sync_no, action)
) STRICT;
CREATE INDEX record_change_at ON record_change (at);

-- What a run did, skipped and why, in words.
CREATE TABLE sync_log (
	sync_no INTEGER NOT NULL REFERENCES sync (no) ON DELETE CASCADE,
	n       INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	level   TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
	text    TEXT NOT NULL,
	PRIMARY KEY (sync_no, n)
) STRICT;

-- What a person should be told.
CREATE TABLE notice (
	id            TEXT PRIMARY KEY,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	connection_id TEXT REFERENCES connection (id) ON DELETE CASCADE,
	kind          TEXT NOT NULL,               -- attention, recovered
	code          TEXT NOT NULL,
	detail        TEXT NOT NULL,
	created_at    INTEGER NOT NULL,
	seen_at       INTEGER
) STRICT;
CREATE INDEX notice_owner ON notice (owner, id);
CREATE INDEX notice_connection ON notice (connection_id);

CREATE TABLE idempotency (
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	key        TEXT NOT NULL,
	request    TEXT NOT NULL,                  -- hash of method, path and body
	status     INTEGER NOT NULL,
	location   TEXT,
	body       TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE audit (
	id     TEXT PRIMARY KEY,
	owner  TEXT NOT NULL,
	at     INTEGER NOT NULL,
	actor  TEXT NOT NULL,                      -- session, token name, command
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_owner ON audit (owner, id);
CREATE INDEX audit_object ON audit (owner, object, id);
