-- A database as the program made it when it had 44 migrations, with rows in every table. See tests/unit/test_schema.c.
BEGIN TRANSACTION;
CREATE TABLE account (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL UNIQUE,
	role        TEXT NOT NULL CHECK (role IN ('operator', 'member')),
	created_at  INTEGER NOT NULL,
	disabled_at INTEGER
, password TEXT, email TEXT, mail_notices INTEGER NOT NULL DEFAULT 1 CHECK (mail_notices IN (0, 1)), workspace_id TEXT, removed_at INTEGER, believed TEXT, written INTEGER NOT NULL DEFAULT 0, written_at INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "account" VALUES('00000000-0000-7000-8000-00000000000a','ann','operator',1,NULL,'$y$x','ann@example.com',0,'w1',NULL,NULL,7,8);
INSERT INTO "account" VALUES('00000000-0000-7000-8000-00000000000b','bob o''neil ü','member',2,9,NULL,NULL,1,NULL,NULL,NULL,0,0);
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
, last_used_from TEXT, replaces TEXT, made_by TEXT) STRICT;
INSERT INTO "api_token" VALUES('t1','00000000-0000-7000-8000-00000000000a','t','h3','read,sync',1,NULL,NULL,NULL,'192.0.2.1','t0',NULL);
CREATE TABLE audit (
	id     TEXT PRIMARY KEY,
	owner  TEXT NOT NULL,
	at     INTEGER NOT NULL,
	actor  TEXT NOT NULL,                      -- session, token name, command
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	detail TEXT NOT NULL DEFAULT ''
, address TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "audit" VALUES('u1','00000000-0000-7000-8000-00000000000a',1,'session','connection added','c1','x','192.0.2.1');
CREATE TABLE auto_sync (
	owner          TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	enabled        INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	interval_hours INTEGER NOT NULL CHECK (interval_hours BETWEEN 1 AND 720),
	last_sync_at   INTEGER,
	next_sync_at   INTEGER NOT NULL,               -- 0 while it is off
	updated_at     INTEGER NOT NULL
) STRICT;
INSERT INTO "auto_sync" VALUES('00000000-0000-7000-8000-00000000000a',1,24,NULL,9,1);
CREATE TABLE "change" (
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
, edited_at INTEGER) STRICT;
INSERT INTO "change" VALUES(1,'00000000-0000-7000-8000-00000000000a','event',0,'e1',3,1,'remote',NULL,'ann',NULL,NULL,NULL,'{}',NULL);
INSERT INTO "change" VALUES(2,'00000000-0000-7000-8000-00000000000a','record',1,'k1',4,0,'local',10,NULL,'c1',NULL,NULL,NULL,NULL);
INSERT INTO "change" VALUES(3,'00000000-0000-7000-8000-00000000000a','record',1,'k3',5,2,'local',20,NULL,'c1',NULL,NULL,'["3"]',NULL);
CREATE TABLE channel (
	id            TEXT PRIMARY KEY,                -- ours, sent to the provider
	owner         TEXT NOT NULL,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	token_hash    TEXT NOT NULL,                   -- of the secret that the provider repeats in each message
	resource_id   TEXT,                            -- the provider's; known when it has answered
	expires_at    INTEGER NOT NULL,
	last_at       INTEGER,                         -- the last message
	messages      INTEGER NOT NULL DEFAULT 0,
	created_at    INTEGER NOT NULL
, account_id TEXT) STRICT;
INSERT INTO "channel" VALUES('ch1','00000000-0000-7000-8000-00000000000a','c1','h','r',9,NULL,0,1,'a1');
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
INSERT INTO "conflict" VALUES('f1','00000000-0000-7000-8000-00000000000a','l1','c1','record',1,'k1','ask','open','[]','{}',NULL,NULL,3,NULL);
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
, account_id TEXT REFERENCES remote_account (id), push_refused TEXT, push_refused_at INTEGER, clearing INTEGER NOT NULL DEFAULT 0, guard_plan TEXT NOT NULL DEFAULT '', doomed_at INTEGER, plan TEXT, leaving INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1)), guard_percent INTEGER NOT NULL DEFAULT 0 CHECK (guard_percent BETWEEN 0 AND 100), guard_items INTEGER NOT NULL DEFAULT 0 CHECK (guard_items BETWEEN 0 AND 10000), read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1))) STRICT;
INSERT INTO "connection" VALUES('c1','00000000-0000-7000-8000-00000000000a','csv','C 1','{"url":"https://example.com/"}',1,'{"etag":"x"}','keep',3,1,2,NULL,'a1','no',5,0,'',NULL,NULL,0,0,0,0);
INSERT INTO "connection" VALUES('c2','00000000-0000-7000-8000-00000000000a','csv','C 2','{"url":"https://example.com/"}',2,'{"etag":"x"}','keep',3,1,2,NULL,NULL,NULL,NULL,1,'x',NULL,NULL,0,0,0,0);
INSERT INTO "connection" VALUES('c3','00000000-0000-7000-8000-00000000000b','csv','C 3','{"url":"https://example.com/"}',3,'{"etag":"x"}','keep',3,1,2,7,NULL,NULL,NULL,0,'',NULL,NULL,0,0,0,0);
CREATE TABLE credential (
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	purpose       TEXT NOT NULL,
	owner         TEXT NOT NULL,
	sealed        TEXT NOT NULL,
	updated_at    INTEGER NOT NULL,
	PRIMARY KEY (connection_id, purpose)
) STRICT;
INSERT INTO "credential" VALUES('c1','token','00000000-0000-7000-8000-00000000000a','s',3);
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
	created_at    INTEGER NOT NULL, reading TEXT NOT NULL DEFAULT '{}', replaced INTEGER NOT NULL DEFAULT 0, repeats INTEGER NOT NULL DEFAULT 0, pruned INTEGER NOT NULL DEFAULT 0, pruned_at INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, view_bytes INTEGER NOT NULL DEFAULT 0, view_made INTEGER NOT NULL DEFAULT 0, view_since INTEGER NOT NULL DEFAULT 0,
	UNIQUE (connection_id, remote_id)
) STRICT;
INSERT INTO "dataset" VALUES(1,'d1','c1','00000000-0000-7000-8000-00000000000a','','Prices','[{"name":"a"}]','{}','data_prices_d1',2,4,9,1,'{}',0,0,0,0,14,90,2,3);
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
INSERT INTO "dataset_past" VALUES(7,'d7','00000000-0000-7000-8000-00000000000a','c1','old','Old',3,0);
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
INSERT INTO "delivery" VALUES('e1','00000000-0000-7000-8000-00000000000a','msg_1','w1','w1','waiting',1,2,5,1,NULL);
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
INSERT INTO "delivery_attempt" VALUES('e1',1,2,0,500,NULL,NULL,'no');
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
INSERT INTO "event" VALUES('e1','00000000-0000-7000-8000-00000000000a','e1@tidemark','{"title":"Tea"}',NULL,1,1,2,1,2,NULL);
CREATE TABLE heard (
	receiver TEXT NOT NULL,
	id       TEXT NOT NULL,                        -- the service's, of a message that was noted
	until    INTEGER NOT NULL,                     -- by then the service repeats it no more
	PRIMARY KEY (receiver, id)
) STRICT;
INSERT INTO "heard" VALUES('notion','m1',1700000000000);
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
INSERT INTO "idempotency" VALUES('00000000-0000-7000-8000-00000000000a','k','r',201,'/x','{}',1);
CREATE TABLE labelled (
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	key           TEXT NOT NULL,                   -- of the record
	owner         TEXT NOT NULL,
	label         TEXT NOT NULL,                   -- the provider's name for it
	name          TEXT NOT NULL,                   -- what it was called there
	wanted        TEXT NOT NULL,                   -- what the settings called it
	made          INTEGER NOT NULL CHECK (made IN (0, 1)), -- the label itself is ours
	stands        INTEGER NOT NULL CHECK (stands BETWEEN 0 AND 3), -- 0 not ours, 1 put on, 2 being put on, 3 being taken off
	held          INTEGER NOT NULL CHECK (held BETWEEN 0 AND 2), -- what an undo says: 1 without it, 2 with it
	PRIMARY KEY (connection_id, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "labelled" VALUES('c1','k1','00000000-0000-7000-8000-00000000000a','contactGroups/1','Customers','Customers',1,1,0);
CREATE TABLE lane (
	id         TEXT PRIMARY KEY,
	due_at     INTEGER,                        -- when there is something to do; while it is worked on: the end of the lease; NULL: never
	hold_until INTEGER NOT NULL DEFAULT 0,
	failures   INTEGER NOT NULL DEFAULT 0,     -- in a row
	attempt    INTEGER NOT NULL DEFAULT 0,
	pid        INTEGER NOT NULL DEFAULT 0      -- who works on it
, kind TEXT NOT NULL DEFAULT 'webhook', owner TEXT NOT NULL DEFAULT '-') STRICT;
INSERT INTO "lane" VALUES('w1',5,0,0,0,0,'webhook','00000000-0000-7000-8000-00000000000a');
CREATE TABLE lane_turn (
	kind   TEXT PRIMARY KEY,
	served TEXT NOT NULL                       -- an owner
) STRICT;
INSERT INTO "lane_turn" VALUES('webhook','u1');
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
	updated_at     INTEGER NOT NULL, ours INTEGER NOT NULL DEFAULT 0 CHECK (ours IN (0, 1)), since_no INTEGER NOT NULL DEFAULT 0, heir TEXT, withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)), run_no INTEGER, back TEXT, facets TEXT, former TEXT,
	UNIQUE (connection_id, object_kind, dataset_no, object_key)
) STRICT;
INSERT INTO "link" VALUES('l1','00000000-0000-7000-8000-00000000000a','c1','record',1,'k1',NULL,NULL,'["1"]',NULL,'synced',1,NULL,NULL,NULL,1,2,0,0,NULL,0,NULL,NULL,'{"guests":"Ann"}','f1');
CREATE TABLE mention (
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	item          TEXT NOT NULL,
	gone          INTEGER NOT NULL CHECK (gone IN (0, 1)), -- it may not be there any more
	asked         INTEGER NOT NULL,                -- schedule.asked as the message left it
	PRIMARY KEY (connection_id, item)
) STRICT;
INSERT INTO "mention" VALUES('c1','00000000-0000-7000-8000-00000000000a','a',0,1);
CREATE TABLE message (
	id         TEXT PRIMARY KEY,               -- 'msg_' and a UUID: the receiver's key against doubles
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	type       TEXT NOT NULL,                  -- an event, webhook.test, or mail
	body       TEXT NOT NULL,                  -- JSON; of a mail sealed, for it may hold a one-time link
	created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "message" VALUES('msg_1','00000000-0000-7000-8000-00000000000a','webhook.test','{}',1);
CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('tick','1');
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
INSERT INTO "notice" VALUES('n1','00000000-0000-7000-8000-00000000000a','c2','attention','dns','x',1,2);
CREATE TABLE oauth_try (
	state      TEXT PRIMARY KEY,                   -- digest
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	session_id TEXT NOT NULL,
	provider   TEXT NOT NULL,
	account_id TEXT,                               -- to be connected again; NULL: a new one
	verifier   TEXT NOT NULL,                      -- lib/vault: PKCE
	next       TEXT NOT NULL,                      -- path to go on to
	expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO "oauth_try" VALUES('st','00000000-0000-7000-8000-00000000000a','s1','google',NULL,'v','/',9);
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
, harms INTEGER NOT NULL DEFAULT 0 CHECK (harms IN (0, 1)), question TEXT, allowed INTEGER NOT NULL DEFAULT 0 CHECK (allowed IN (0, 1)), judged INTEGER NOT NULL DEFAULT 0 CHECK (judged IN (0, 1))) STRICT;
INSERT INTO "outbox" VALUES('o1','00000000-0000-7000-8000-00000000000a','l1','c1','put',NULL,'waiting',1,0,NULL,0,NULL,0,NULL,NULL,1,2,NULL,1,NULL,0,0);
CREATE TABLE person (
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	owner      TEXT NOT NULL,
	profile_id TEXT NOT NULL,
	name       TEXT NOT NULL,                  -- folded
	PRIMARY KEY (dataset_no, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "person" VALUES(1,'k1','00000000-0000-7000-8000-00000000000a','p1','ann');
CREATE TABLE person_ident (
	owner      TEXT NOT NULL,
	kind       INTEGER NOT NULL,               -- 1 e-mail, 2 phone, 3 word of the name
	value      TEXT NOT NULL,                  -- folded, E.164
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	PRIMARY KEY (owner, kind, value, dataset_no, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "person_ident" VALUES('00000000-0000-7000-8000-00000000000a',1,'ann@example.com',1,'k1');
CREATE TABLE person_mapping (
	dataset_id TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	mapping    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "person_mapping" VALUES('d1','00000000-0000-7000-8000-00000000000a','{"name":["a"]}');
CREATE TABLE person_place (
	dataset_no    INTEGER PRIMARY KEY,
	owner         TEXT NOT NULL,
	mapping       TEXT NOT NULL,               -- JSON; lib/profile/mapping.h
	seq           INTEGER NOT NULL             -- of the last record that was taken in
) STRICT;
INSERT INTO "person_place" VALUES(1,'00000000-0000-7000-8000-00000000000a','{}',1099511627777);
CREATE TABLE person_rule (
	owner     TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	a_dataset TEXT NOT NULL,
	a_key     TEXT NOT NULL,
	b_dataset TEXT NOT NULL,
	b_key     TEXT NOT NULL,
	same      INTEGER NOT NULL CHECK (same IN (0, 1)),
	at        INTEGER NOT NULL,
	actor     TEXT NOT NULL,
	PRIMARY KEY (owner, a_dataset, a_key, b_dataset, b_key)
) STRICT, WITHOUT ROWID;
INSERT INTO "person_rule" VALUES('00000000-0000-7000-8000-00000000000a','d1','k1','d1','k2',1,5,'ann');
CREATE TABLE progress_token (
	hash          TEXT PRIMARY KEY,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	expires_at    INTEGER NOT NULL
) STRICT;
INSERT INTO "progress_token" VALUES('p','00000000-0000-7000-8000-00000000000a','c1',9);
CREATE TABLE quota_use (
	owner      TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES remote_account (id) ON DELETE CASCADE,
	quota      TEXT NOT NULL,
	hour       INTEGER NOT NULL,
	calls      INTEGER NOT NULL,
	refused    INTEGER NOT NULL,
	PRIMARY KEY (account_id, quota, hour)
) STRICT;
INSERT INTO "quota_use" VALUES('00000000-0000-7000-8000-00000000000a','a1','sheets.read',1,2,0);
CREATE TABLE rate_bucket (
	name          TEXT PRIMARY KEY,
	level         INTEGER NOT NULL,
	at            INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL DEFAULT 0       -- the provider asked to wait
) STRICT;
INSERT INTO "rate_bucket" VALUES('sheets',5,1,0);
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
, kept INTEGER NOT NULL DEFAULT 0, rev INTEGER NOT NULL DEFAULT 1, origin INTEGER NOT NULL DEFAULT 0, first_sync INTEGER) STRICT;
INSERT INTO "record" VALUES(1099511627777,1,'k1','["1"]',1,2,NULL,0,10,0,1,0,NULL);
INSERT INTO "record" VALUES(1099511627778,1,'k2','["2"]',1,2,NULL,0,10,1,3,0,NULL);
INSERT INTO "record" VALUES(1099511627779,1,'k3','["3"]',1,2,5,2,10,0,1,3,1);
CREATE TABLE remote_account (
	id           TEXT PRIMARY KEY,
	owner        TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	provider     TEXT NOT NULL,
	kind         TEXT NOT NULL CHECK (kind IN ('oauth', 'service')),
	subject      TEXT NOT NULL,                    -- the provider's own name of the account, which never changes
	address      TEXT NOT NULL,                    -- e-mail, for people
	scopes       TEXT NOT NULL,                    -- granted, with spaces between
	sealed       TEXT NOT NULL,                    -- lib/vault: the refresh token, or the key of a service account
	access       TEXT,                             -- lib/vault: the present access token
	access_until INTEGER NOT NULL DEFAULT 0,
	lease        TEXT,                             -- who fetches a new access token now
	lease_until  INTEGER NOT NULL DEFAULT 0,
	health       TEXT NOT NULL DEFAULT 'ok' CHECK (health IN ('ok', 'attention')),
	error_code   TEXT,
	error_detail TEXT,
	granted_at   INTEGER NOT NULL,
	refreshed_at INTEGER,
	created_at   INTEGER NOT NULL,
	UNIQUE (owner, provider, subject)
) STRICT;
INSERT INTO "remote_account" VALUES('a1','00000000-0000-7000-8000-00000000000a','google','oauth','42','ann@example.com','openid','s',NULL,0,NULL,0,'ok',NULL,NULL,1,NULL,1);
CREATE TABLE remote_clock (
	service TEXT PRIMARY KEY,                      -- the kind that is read there
	samples TEXT NOT NULL,                         -- JSON: [{ahead, within}], ms, the oldest first
	at      INTEGER NOT NULL                       -- when the last one was taken
) STRICT;
INSERT INTO "remote_clock" VALUES('google-calendar','[{"ahead":5,"within":9}]',7);
CREATE TABLE ruling (
	question    TEXT PRIMARY KEY,          -- id of the run that asked
	owner       TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	keep        INTEGER NOT NULL CHECK (keep IN (0, 1)), -- what is there stays; 0: what is held is sent
	said        TEXT NOT NULL,             -- what the run says once all has followed
	done        INTEGER NOT NULL DEFAULT 0, -- so many have
	ruled_at    INTEGER NOT NULL
) STRICT;
INSERT INTO "ruling" VALUES('q1','00000000-0000-7000-8000-00000000000a',1,'Answered.',100,5);
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
, failing_since INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "schedule" VALUES('c1','00000000-0000-7000-8000-00000000000a',1,'ok',0,'daily',15,NULL,NULL,101,50,40,30,1,1,5,NULL,NULL,4,1,0,1,0);
INSERT INTO "schedule" VALUES('c2','00000000-0000-7000-8000-00000000000a',1,'retrying',1,'15min',30,NULL,NULL,102,50,40,30,2,2,5,'dns','Not found.',4,2,0,0,0);
INSERT INTO "schedule" VALUES('c3','00000000-0000-7000-8000-00000000000b',0,'attention',0,'custom',45,'FREQ=DAILY','Europe/Berlin',NULL,50,40,30,3,3,5,'dns','Not found.',4,3,1,0,0);
CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
INSERT INTO "schema_migration" VALUES(1,'0001_init','ced16d5e6dbbbb386c1ce2771a2c7af56cfa2ab3dba552728ae5149fa62de83d',1700000000001);
INSERT INTO "schema_migration" VALUES(2,'0002_users','b7e93d8d31b9c3d03ffb54062bace12ac2b2866cb91745a0fc3ad42f1b6c4dcb',1700000000002);
INSERT INTO "schema_migration" VALUES(3,'0003_webhooks','0405a49368c5573a5bf1eb4b3c9683a3252f95ebcf2e5eac53e8dbafafe332a3',1700000000003);
INSERT INTO "schema_migration" VALUES(4,'0004_google','f77f1555ed3fe68dab261cd4a4fbf729d518099f915dc2732bf705cce70d158a',1700000000004);
INSERT INTO "schema_migration" VALUES(5,'0005_auto_sync','23820f14da83c96d1ae170b66eb5c2ad950859f56c29baad2cd42a9684407680',1700000000005);
INSERT INTO "schema_migration" VALUES(6,'0006_held','289aa98a90b98c01048cc1020ce1aa58ddc81a7eea36a945d71e9fb72c3a1826',1700000000006);
INSERT INTO "schema_migration" VALUES(7,'0007_answers','3a68bc4dce31498ce1c4da4f6ec1f7ac68bf2934aaac593b2863c43dc85f3b45',1700000000007);
INSERT INTO "schema_migration" VALUES(8,'0008_two_ways','202dd4822021a5bebfaabca4cc2f09485e6df9779112d1f65103959e5f1d8b5e',1700000000008);
INSERT INTO "schema_migration" VALUES(9,'0009_lanes','f8a54210e1442c4a937dca016e66fe93073938fbdb2a146ff832102ac48fafd8',1700000000009);
INSERT INTO "schema_migration" VALUES(10,'0010_one_history','d90445225bd65a606ab62a9bdbfaf20a8620e427c88fb56bc3147779955e9b2f',1700000000010);
INSERT INTO "schema_migration" VALUES(11,'0011_reading','b17c0aa0d15b727c385b91b0ea0d36cd1983aca789302e0c4a8bd25227dd2f3a',1795692654328);
INSERT INTO "schema_migration" VALUES(12,'0012_leaner_records','5bca75148d580bdd60bf10a94f17b93f97473ceb76394269973759dd5c998f2a',17000000000012);
INSERT INTO "schema_migration" VALUES(13,'0013_ways_in','98c1059768a7a547d29efe95d87570660f1801f9dab43988a8d542ec62a4446a',1700000000013);
INSERT INTO "schema_migration" VALUES(14,'0014_feed','7b39cb9c01ea8b329d42bb0d5d70d11260a23158a5d74551f9bfdfc31c526ae1',1700000000014);
INSERT INTO "schema_migration" VALUES(15,'0015_places','83f60d9a78fa2c7fe614d2c7c8b38a27aa7aa6ccf8330a4fc63cbffcdc2d1130',1700000000015);
INSERT INTO "schema_migration" VALUES(16,'0016_removal','5568472b37998aa34a39a6153063b6b46a75bd5bc625bd16e99831c66d4571e9',1795692654328);
INSERT INTO "schema_migration" VALUES(17,'0017_rolled_up','311280e3d3ad7d02404531b308a73f86305752ae441a2aa22052e3cb0aaa592f',1700000000017);
INSERT INTO "schema_migration" VALUES(18,'0018_failing_since','abd7606c171ba2a5c1ee8e006788b6410767cee42f0ee194418b153c18d23176',17000000000018);
INSERT INTO "schema_migration" VALUES(19,'0019_events','ff4ed9323d031e5443e53c0f8857566f748998b606e19c52ff54b309c6b532d6',17000000000019);
INSERT INTO "schema_migration" VALUES(20,'0020_outward','c2a2da80c915b1113d7253cf1711fbcb30374323e07540dac4ef0c91ed062cb7',17000000000020);
INSERT INTO "schema_migration" VALUES(21,'0021_ours','fc710a86dc52aca0ac0b21dd04bebc74b0e8e54f06ce4cbcdbd09cfaa35a5eb9',17000000000021);
INSERT INTO "schema_migration" VALUES(22,'0022_judged','e4e5080132c258ad19419731cb6b50c87456fec8414f8a8a9a461db57e4cc0a2',17000000000022);
INSERT INTO "schema_migration" VALUES(23,'0023_undo','796da5e128515e9fe21c0ca97453bd65e1906748c63fa37c1d61b4552012dc33',17000000000023);
INSERT INTO "schema_migration" VALUES(24,'0024_plan','e3ada0692503f6a839fc75c573cbe233988a2ef2b6a1682c6c4d6deb8165b76a',17000000000024);
INSERT INTO "schema_migration" VALUES(25,'0025_profiles','b6353f70e0ebf7302b65c42d695e7543705a801f3bc62ed9b9f578c3a13f2947',17000000000025);
INSERT INTO "schema_migration" VALUES(26,'0026_bytes','b2d0216012fcdfc176fc44466e6dd47e18da5ba91b45cab5c672c94837d5774b',17000000000026);
INSERT INTO "schema_migration" VALUES(27,'0027_moved','3b0aa14a79ea6615eba473f3e0f3a20ff87039250a5a50137eb135ae3de3cc11',17000000000027);
INSERT INTO "schema_migration" VALUES(28,'0028_exit','1374c8c78555fd897cffcbfb308a1d812db27f4901ebd302a4f10d1f25e13786',17000000000028);
INSERT INTO "schema_migration" VALUES(29,'0029_signed','b974e7cf564b220b33e840c245e335101dad142f26376124a11610db7c88d785',17000000000029);
INSERT INTO "schema_migration" VALUES(30,'0030_there_too','d26c88ec6dd77d7b36927aebf962d71a654b12f5f4aca662e7e28fdc7177e47f',17000000000030);
INSERT INTO "schema_migration" VALUES(31,'0031_clocks','f56fd90e3cac8f8cf2903d28b1ee37d7757641fb9155cae901463fe8b8a3b5fa',17000000000031);
INSERT INTO "schema_migration" VALUES(32,'0032_lighter','f4149f589a7849e395c5a47d614279669097258f40dfac33769abfe848641486',17000000000032);
INSERT INTO "schema_migration" VALUES(33,'0033_limits','d2ec77e925c5d634c930821aa927a43225987bedecfaa1ebb7ff47a00c32ddc2',17000000000033);
INSERT INTO "schema_migration" VALUES(34,'0034_put_back','1f74a7f6876d599083034f972368fcb9513a1680d0cde8bbc147d39398e44a23',17000000000034);
INSERT INTO "schema_migration" VALUES(35,'0035_labelled','e0e11aa43d817b01cf788243c5ccef447292540785b666b8785b39f75ce82fb3',17000000000035);
INSERT INTO "schema_migration" VALUES(36,'0036_link_facets','5f0c57d4f925d259c2906aa2aaeb99222361387d9f0224f74edb5510de007450',17000000000036);
INSERT INTO "schema_migration" VALUES(37,'0037_fewer_trees','95cc291f82e24a5dd19c21e25f4404c49527dfe9de4f15a16473df0a4254cc55',17000000000037);
INSERT INTO "schema_migration" VALUES(38,'0038_read_only','effe36d13040b599e186b7345134928634005291f0aaadfa3653d8f8457453dc',17000000000038);
INSERT INTO "schema_migration" VALUES(39,'0039_channel_account','012a4a5bb680c34c1f42e034ef6637e2765de32898e3c835e4c5c51263c235e1',17000000000039);
INSERT INTO "schema_migration" VALUES(40,'0040_former','c8309f166442bfc369c8d40abbbd6113af5dfe9d33101874dda33fa513402301',17000000000040);
INSERT INTO "schema_migration" VALUES(41,'0041_caps','ec222f42382a67000f0041492e735b0df847322f4cd6eb558da536052e709d32',17000000000041);
INSERT INTO "schema_migration" VALUES(42,'0042_hooks_go','943bd00b568c38ff884daf1cfae6f54ec06926984a12cc1465ba53168761e5d2',17000000000042);
INSERT INTO "schema_migration" VALUES(43,'0043_unjudged','290d615e12eadb1895ac696c7cf3db98cf526de1eb5418f3421abd5ca72d0b09',17000000000043);
INSERT INTO "schema_migration" VALUES(44,'0044_ruling','ede50231801e3a89a5055680ae4c09a06074afc9eda6a6ce282133f81a393f1f',17000000000044);
CREATE TABLE sign_in_key (
	hash       TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	expires_at INTEGER NOT NULL
, purpose TEXT NOT NULL DEFAULT 'sign-in', detail TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "sign_in_key" VALUES('h1','00000000-0000-7000-8000-00000000000a',99,'email','x@example.com');
CREATE TABLE sign_in_limit (
	bucket     TEXT PRIMARY KEY,
	failures   INTEGER NOT NULL,
	until      INTEGER NOT NULL,                      -- no further try before this
	expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO "sign_in_limit" VALUES('b',2,3,4);
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
INSERT INTO "subscription" VALUES('a1f0c9de-2b1d-4c1e-8f7a-5b9d0e3c4a21','notion','sealed','digest',1700000000000,NULL,NULL,0);
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
, change_from INTEGER, change_to INTEGER, due_at INTEGER NOT NULL DEFAULT 0, wait_until INTEGER NOT NULL DEFAULT 0, rolled INTEGER NOT NULL DEFAULT 0, rolled_from INTEGER, rolled_ms INTEGER NOT NULL DEFAULT 0, rolled_calls INTEGER NOT NULL DEFAULT 0, rolled_fetched INTEGER NOT NULL DEFAULT 0, task TEXT, undoes TEXT) STRICT;
INSERT INTO "sync" VALUES(10,'s1','c1','00000000-0000-7000-8000-00000000000a','first','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',0,2,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(20,'s2','c1','00000000-0000-7000-8000-00000000000a','manual','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(30,'s3','c1','00000000-0000-7000-8000-00000000000a','api','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(40,'s4','c1','00000000-0000-7000-8000-00000000000a','schedule','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(50,'s5','c1','00000000-0000-7000-8000-00000000000a','webhook','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(60,'s6','c1','00000000-0000-7000-8000-00000000000a','resume','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(70,'s7','c1','00000000-0000-7000-8000-00000000000a','approve','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(80,'s8','c1','00000000-0000-7000-8000-00000000000a','command','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x',NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(90,'s9','c1','00000000-0000-7000-8000-00000000000a','schedule','running','processing',0,'',20,NULL,21,NULL,0,0,0,0,0,NULL,NULL,0,0,0,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
INSERT INTO "sync" VALUES(91,'s10','c2','00000000-0000-7000-8000-00000000000a','manual','queued','downloading',0,'',20,NULL,21,NULL,0,0,0,0,0,NULL,NULL,0,0,0,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,0,0,0,NULL,NULL);
CREATE TABLE "sync_log" (
	sync_no INTEGER NOT NULL REFERENCES sync (no) ON DELETE CASCADE,
	n       INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	level   TEXT NOT NULL,                     -- info, warning, error
	text    TEXT NOT NULL,
	PRIMARY KEY (sync_no, n)
) STRICT, WITHOUT ROWID;
INSERT INTO "sync_log" VALUES(10,1,11,'warning','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(10,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(20,1,11,'error','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(20,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(30,1,11,'info','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(30,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(40,1,11,'warning','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(40,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(50,1,11,'error','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(50,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(60,1,11,'info','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(60,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(70,1,11,'warning','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(70,2,12,'info','Another');
INSERT INTO "sync_log" VALUES(80,1,11,'error','A line, and a "quote"');
INSERT INTO "sync_log" VALUES(80,2,12,'info','Another');
CREATE TABLE told (
	connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
	owner         TEXT NOT NULL,
	state         TEXT NOT NULL CHECK (state IN ('attention', 'recovered')),
	trouble_at    INTEGER NOT NULL DEFAULT 0,  -- when a trouble was mailed last
	waiting       INTEGER NOT NULL CHECK (waiting IN (0, 1))
) STRICT;
INSERT INTO "told" VALUES('c2','00000000-0000-7000-8000-00000000000a','attention',3,1);
CREATE TABLE web_session (
	hash           TEXT PRIMARY KEY,
	id             TEXT NOT NULL UNIQUE,
	owner          TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	csrf           TEXT NOT NULL,
	created_at     INTEGER NOT NULL,
	seen_at        INTEGER NOT NULL,
	expires_at     INTEGER NOT NULL,
	address        TEXT NOT NULL,
	agent          TEXT NOT NULL,
	password_until INTEGER NOT NULL DEFAULT 0         -- until then a password may be set without the old one
, by_proxy INTEGER NOT NULL DEFAULT 0 CHECK (by_proxy IN (0, 1))) STRICT;
INSERT INTO "web_session" VALUES('h2','s1','00000000-0000-7000-8000-00000000000a','c',1,2,99,'192.0.2.1','a',0,0);
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
, doomed_at INTEGER) STRICT;
INSERT INTO "webhook" VALUES('w1','00000000-0000-7000-8000-00000000000a','https://example.com/','','sync.complete',1,'s',NULL,NULL,1,2,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "webhook" VALUES('w2','00000000-0000-7000-8000-00000000000a','https://example.com/gone','','sync.complete',0,'s',NULL,NULL,1,2,NULL,NULL,NULL,NULL,9);
CREATE INDEX sign_in_key_expires ON sign_in_key (expires_at);
CREATE INDEX api_token_owner ON api_token (owner, id);
CREATE INDEX connection_owner ON connection (owner, id);
CREATE INDEX dataset_owner ON dataset (owner, connection_id);
CREATE UNIQUE INDEX record_key ON record (dataset_no, key);
CREATE INDEX notice_owner ON notice (owner, id);
CREATE INDEX notice_connection ON notice (connection_id);
CREATE INDEX idempotency_created ON idempotency (created_at);
CREATE INDEX audit_owner ON audit (owner, id);
CREATE INDEX audit_object ON audit (owner, object, id);
CREATE UNIQUE INDEX account_workspace ON account (workspace_id);
CREATE INDEX account_email ON account (email);
CREATE INDEX account_operator ON account (id) WHERE role = 'operator' AND disabled_at IS NULL;
CREATE INDEX sign_in_key_owner ON sign_in_key (owner);
CREATE INDEX web_session_expires ON web_session (expires_at);
CREATE INDEX web_session_owner ON web_session (owner, id);
CREATE INDEX api_token_expires ON api_token (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX progress_token_expires ON progress_token (expires_at);
CREATE INDEX progress_token_connection ON progress_token (connection_id);
CREATE INDEX progress_token_owner ON progress_token (owner);
CREATE INDEX sign_in_limit_expires ON sign_in_limit (expires_at);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX webhook_owner ON webhook (owner, id);
CREATE INDEX message_owner ON message (owner);
CREATE INDEX message_created ON message (created_at);
CREATE INDEX delivery_lane ON delivery (lane_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_webhook ON delivery (webhook_id, id);
CREATE INDEX delivery_message ON delivery (message_id);
CREATE INDEX lane_pid ON lane (pid) WHERE pid <> 0;
CREATE INDEX told_waiting ON told (owner, connection_id) WHERE waiting = 1;
CREATE INDEX oauth_try_expires ON oauth_try (expires_at);
CREATE INDEX oauth_try_owner ON oauth_try (owner);
CREATE INDEX connection_account ON connection (account_id);
CREATE INDEX quota_use_hour ON quota_use (hour);
CREATE INDEX quota_use_owner ON quota_use (owner, hour);
CREATE INDEX channel_connection ON channel (connection_id, created_at);
CREATE INDEX channel_expires ON channel (expires_at);
CREATE VIEW "data_prices_d1" AS SELECT key AS "_key", json_extract(payload, '$[0]') AS "a" FROM record WHERE seq > 1099511627776 AND seq < 2199023255552 AND likelihood(dataset_no = 1, 0.99) AND deleted IS NULL;
CREATE INDEX schedule_asked ON schedule (connection_id) WHERE asked > served;
CREATE INDEX sync_history ON sync (connection_id, no);
CREATE INDEX sync_finished ON sync (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX link_remote ON link (connection_id, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX link_object ON link (owner, object_kind, dataset_no, object_key);
CREATE INDEX link_state ON link (connection_id, state, id);
CREATE UNIQUE INDEX outbox_open ON outbox (link_id) WHERE finished_at IS NULL;
CREATE INDEX outbox_link ON outbox (link_id);
CREATE INDEX outbox_due ON outbox (connection_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_state ON outbox (owner, state, id);
CREATE INDEX outbox_connection ON outbox (connection_id, state);
CREATE INDEX outbox_finished ON outbox (owner, finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX conflict_open ON conflict (link_id) WHERE state = 'open';
CREATE INDEX conflict_state ON conflict (owner, state, id);
CREATE INDEX conflict_object ON conflict (owner, object_kind, dataset_no, object_key, id);
CREATE INDEX lane_due ON lane (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lane_well ON lane (kind, due_at) WHERE failures = 0;
CREATE INDEX lane_failing ON lane (kind, due_at) WHERE failures > 0;
CREATE INDEX lane_busy ON lane (kind, owner) WHERE pid <> 0;
CREATE INDEX api_token_made_by ON api_token (made_by) WHERE made_by IS NOT NULL;
CREATE INDEX record_gone ON record (dataset_no, deleted) WHERE deleted IS NOT NULL;
CREATE INDEX change_object ON change (object_kind, dataset_no, object_key, no);
CREATE INDEX schedule_due ON schedule (failing, next_poll_at, owner) WHERE next_poll_at IS NOT NULL;
CREATE INDEX dataset_past_connection ON dataset_past (connection_id, dropped, no);
CREATE INDEX dataset_past_owner ON dataset_past (owner);
CREATE INDEX dataset_past_id ON dataset_past (id);
CREATE INDEX connection_doomed ON connection (owner, id) WHERE doomed_at IS NOT NULL;
CREATE INDEX event_from ON event (owner, from_at, id) WHERE deleted_at IS NULL;
CREATE INDEX event_until ON event (owner, until_at) WHERE deleted_at IS NULL;
CREATE INDEX event_uid ON event (owner, uid);
CREATE INDEX event_deleted ON event (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX outbox_harm ON outbox (connection_id, owner, finished_at, state, op) WHERE harms = 1 AND allowed = 0;
CREATE INDEX link_there ON link (connection_id, owner) WHERE base IS NOT NULL;
CREATE INDEX sync_undoes ON sync (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX connection_plan ON connection (owner, plan) WHERE plan IS NOT NULL;
CREATE INDEX person_profile ON person (owner, profile_id);
CREATE INDEX person_ident_record ON person_ident (dataset_no, key);
CREATE INDEX person_place_owner ON person_place (owner);
CREATE INDEX person_rule_b ON person_rule (owner, b_dataset, b_key);
CREATE INDEX dataset_number ON dataset (owner, no);
CREATE INDEX heard_until ON heard (until);
CREATE INDEX channel_resource ON channel (resource_id);
CREATE INDEX link_run ON link (run_no, id) WHERE run_no IS NOT NULL;
CREATE INDEX link_former ON link (connection_id, former) WHERE former IS NOT NULL;
CREATE UNIQUE INDEX sync_active ON sync (connection_id, COALESCE(task, '')) WHERE state IN ('queued', 'running');
CREATE INDEX outbox_unjudged ON outbox (connection_id, owner, judged, allowed, harms) WHERE harms = 1 AND allowed = 0 AND judged = 0;
CREATE INDEX ruling_owner ON ruling (owner, question);
CREATE INDEX outbox_question ON outbox (question, owner, state, id) WHERE state = 'held';
CREATE INDEX outbox_held ON outbox (connection_id, state, question) WHERE state = 'held';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('change',3);
COMMIT;
PRAGMA user_version = 44;
PRAGMA application_id = 1413762379;
