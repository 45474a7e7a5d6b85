-- A record that two sides may write: what links it, what waits to be sent, what collided, and one table of changes.
--
-- Words that a .def file or a program lists are not listed here a second time: a new trigger, phase or frequency
-- must not need a table rebuilt. So `schedule`, `sync` and `sync_log` are made again without those CHECKs. SQLite
-- empties a table before it drops it, and what hangs on its rows goes with them: so the lines are put aside first.

CREATE TABLE aside_schedule AS SELECT * FROM schedule;
DROP TABLE schedule;
-- When a connection is read, and how it is doing. Narrow on purpose: claiming reads and writes only this.
CREATE TABLE schedule (
	connection_id    TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
	owner            TEXT NOT NULL,
	enabled          INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	health           TEXT NOT NULL,            -- ok, retrying, attention
	failing          INTEGER NOT NULL DEFAULT 0 CHECK (failing IN (0, 1)), -- the last run failed
	frequency        TEXT NOT NULL,            -- 15min, 30min, hourly, daily, weekly, custom
	interval_minutes INTEGER NOT NULL CHECK (interval_minutes BETWEEN 1 AND 576000),
	rrule            TEXT,
	time_zone        TEXT,
	next_poll_at     INTEGER,                  -- NULL: not scheduled (off, paused, needs attention)
	set_at           INTEGER NOT NULL,         -- when next_poll_at was set: later than now, the clock was wrong
	last_polled_at   INTEGER,
	last_success_at  INTEGER,
	retry_count      INTEGER NOT NULL DEFAULT 0, -- failures that count (errors.def COUNT) in a row
	deferrals        INTEGER NOT NULL DEFAULT 0, -- failures of any kind in a row, for the backoff
	max_retries      INTEGER NOT NULL DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 100),
	error_code       TEXT,                     -- why it is off, or what the last run failed with
	error_detail     TEXT,
	asked            INTEGER NOT NULL DEFAULT 0, -- generation counters: a message raises `asked`;
	served           INTEGER NOT NULL DEFAULT 0, -- a run that began with asked = n serves all up to n
	held             INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)), -- off while its user is disabled
	again            INTEGER NOT NULL DEFAULT 0 -- a person asked while one went on that had read before
) STRICT;
INSERT INTO schedule (connection_id, owner, enabled, health, failing, frequency, interval_minutes, rrule, time_zone,
	next_poll_at, set_at, last_polled_at, last_success_at, retry_count, deferrals, max_retries, error_code, error_detail,
	asked, served, held, again)
SELECT connection_id, owner, enabled, health, failing, frequency, interval_minutes, rrule, time_zone,
	next_poll_at, set_at, last_polled_at, last_success_at, retry_count, deferrals, max_retries, error_code, error_detail,
	asked, served, held, again FROM aside_schedule;
DROP TABLE aside_schedule;
CREATE INDEX schedule_due ON schedule (failing, next_poll_at) WHERE next_poll_at IS NOT NULL;
CREATE INDEX schedule_set ON schedule (set_at) WHERE next_poll_at IS NOT NULL;
CREATE INDEX schedule_asked ON schedule (connection_id) WHERE asked > served;

CREATE TABLE aside_log AS SELECT * FROM sync_log;
CREATE TABLE aside_sync AS SELECT * FROM sync;
DROP TABLE sync_log;
DROP TABLE sync;
-- One run. queued -> running -> complete | error. `attempt` is the fencing number: every write of a worker names it.
CREATE TABLE sync (
	no            INTEGER PRIMARY KEY,
	id            TEXT NOT NULL UNIQUE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	trigger       TEXT NOT NULL,               -- first, manual, api, schedule, webhook, resume, approve, command ...
	state         TEXT NOT NULL,               -- queued, running, complete, error
	phase         TEXT NOT NULL,               -- see phase.def; complete, error
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
	review        TEXT,                        -- JSON: what the blast guard asks about
	error_code    TEXT,
	error_detail  TEXT
) STRICT;
INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at,
	updated_at, finished_at, lease_until, attempt, pid, cancel, resumes, resumed_from, checkpoint, size, lines, fetched,
	added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review, error_code, error_detail)
SELECT no, id, connection_id, owner, trigger, state, phase, progress, message, created_at, started_at,
	updated_at, finished_at, lease_until, attempt, pid, cancel, resumes, resumed_from, checkpoint, size, lines, fetched,
	added, updated, deleted, unchanged, skipped, calls, not_modified, skips, warnings, review, error_code, error_detail
FROM aside_sync;
DROP TABLE aside_sync;
CREATE UNIQUE INDEX sync_one_active ON sync (connection_id) WHERE state IN ('queued', 'running');
CREATE INDEX sync_queue ON sync (state, no) WHERE state IN ('queued', 'running');
CREATE INDEX sync_history ON sync (connection_id, no);
CREATE INDEX sync_owner ON sync (owner, no);
CREATE INDEX sync_finished ON sync (finished_at) WHERE finished_at IS NOT NULL;

-- What a run did, skipped and why, in words.
CREATE TABLE sync_log (
	sync_no INTEGER NOT NULL REFERENCES sync (no) ON DELETE CASCADE,
	n       INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	level   TEXT NOT NULL,                     -- info, warning, error
	text    TEXT NOT NULL,
	PRIMARY KEY (sync_no, n)
) STRICT;
INSERT INTO sync_log (sync_no, n, at, level, text) SELECT sync_no, n, at, level, text FROM aside_log;
DROP TABLE aside_log;

-- Raised by every writer, whoever it is: what was decided on another rev is decided again.
ALTER TABLE record ADD COLUMN rev INTEGER NOT NULL DEFAULT 1;

-- An object of ours and its twin at a provider. `object_kind` is 'record' (then dataset_no and the record's key name it)
-- or a kind of the application's own objects, such as 'event' (then dataset_no is 0 and object_key is its id).
CREATE TABLE link (
	id             TEXT PRIMARY KEY,
	owner          TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	connection_id  TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	object_kind    TEXT NOT NULL,
	dataset_no     INTEGER NOT NULL DEFAULT 0,
	object_key     TEXT NOT NULL,
	remote_id      TEXT,                       -- the provider's name; NULL: it gives one with its answer to the create
	etag           TEXT,
	base           TEXT,                       -- JSON: what both sides agreed on last; NULL: that there is nothing
	sent           TEXT,                       -- JSON: what was sent and not confirmed; 'null': a deletion; NULL: nothing
	state          TEXT NOT NULL,              -- synced, queued, failed, conflict, skipped
	rev            INTEGER NOT NULL DEFAULT 1, -- raised by every write: one that was decided on another rev is refused
	error_code     TEXT,
	error_detail   TEXT,
	last_synced_at INTEGER,
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL,
	UNIQUE (connection_id, object_kind, dataset_no, object_key)
) STRICT;
CREATE UNIQUE INDEX link_remote ON link (connection_id, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX link_object ON link (owner, object_kind, dataset_no, object_key);
CREATE INDEX link_state ON link (connection_id, state, id);

-- What is to be done at a provider: a link and its fields, never a request. What is sent is computed when it is sent;
-- one open item a link, so that ten edits while a provider is down are one request. `fence` is raised by every claim.
CREATE TABLE outbox (
	id            TEXT PRIMARY KEY,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	link_id       TEXT NOT NULL REFERENCES link (id) ON DELETE CASCADE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	op            TEXT NOT NULL,               -- put, delete
	fields        TEXT,                        -- JSON: names; NULL: all
	state         TEXT NOT NULL,               -- waiting, sending, unsure, held, failed, done
	edits         INTEGER NOT NULL DEFAULT 1,  -- raised by each edit that joins it
	taken         INTEGER NOT NULL DEFAULT 0,  -- edits when it was claimed: the later ones are sent after this one
	mark          TEXT,                        -- what the request carries so that it can be found again; committed before it
	attempts      INTEGER NOT NULL DEFAULT 0,
	next_at       INTEGER,                     -- while it is sent: the end of the lease; NULL: not by itself
	fence         INTEGER NOT NULL DEFAULT 0,
	error_code    TEXT,
	error_detail  TEXT,
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL,
	finished_at   INTEGER                      -- NULL: open
) STRICT;
CREATE UNIQUE INDEX outbox_open ON outbox (link_id) WHERE finished_at IS NULL;
CREATE INDEX outbox_link ON outbox (link_id);
CREATE INDEX outbox_due ON outbox (connection_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_state ON outbox (owner, state, id);
CREATE INDEX outbox_connection ON outbox (connection_id, state);
CREATE INDEX outbox_finished ON outbox (owner, finished_at) WHERE finished_at IS NOT NULL;

-- Edits of both sides that could not both stand. It names its link and connection and outlives them: what lost is kept.
CREATE TABLE conflict (
	id            TEXT PRIMARY KEY,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	link_id       TEXT NOT NULL,
	connection_id TEXT NOT NULL,
	object_kind   TEXT NOT NULL,
	dataset_no    INTEGER NOT NULL DEFAULT 0,
	object_key    TEXT NOT NULL,
	policy        TEXT NOT NULL,               -- see lib/sync/agree/policy.def
	state         TEXT NOT NULL,               -- open, resolved
	fields        TEXT NOT NULL,               -- JSON: [{field, base, local, remote, chosen}]
	kept          TEXT NOT NULL,               -- JSON: {field: what lost}
	resolved_by   TEXT,                        -- the policy's word, or who answered
	answer        TEXT,                        -- JSON: what was answered
	detected_at   INTEGER NOT NULL,
	resolved_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX conflict_open ON conflict (link_id) WHERE state = 'open';
CREATE INDEX conflict_state ON conflict (owner, state, id);
CREATE INDEX conflict_object ON conflict (owner, object_kind, dataset_no, object_key, id);

-- What was changed, by whom, why, and what it was before: history, undo and "why" read this one table.
CREATE TABLE change (
	no            INTEGER PRIMARY KEY,         -- in order of writing
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
CREATE INDEX change_object ON change (object_kind, dataset_no, object_key, no);
CREATE INDEX change_run ON change (sync_no, no) WHERE sync_no IS NOT NULL;
CREATE INDEX change_at ON change (at);
