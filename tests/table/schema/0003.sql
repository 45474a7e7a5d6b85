-- A database as the program made it when it had 3 migrations, with rows in every table. See tests/unit/test_schema.c.
BEGIN TRANSACTION;
CREATE TABLE account (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL UNIQUE,
	role        TEXT NOT NULL CHECK (role IN ('operator', 'member')),
	created_at  INTEGER NOT NULL,
	disabled_at INTEGER
, password TEXT, email TEXT, mail_notices INTEGER NOT NULL DEFAULT 1 CHECK (mail_notices IN (0, 1)), workspace_id TEXT) STRICT;
INSERT INTO "account" VALUES('00000000-0000-7000-8000-00000000000a','ann','operator',1,NULL,'$y$x','ann@example.com',0,'w1');
INSERT INTO "account" VALUES('00000000-0000-7000-8000-00000000000b','bob o''neil ü','member',2,9,NULL,NULL,1,NULL);
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
, last_used_from TEXT, replaces TEXT) STRICT;
INSERT INTO "api_token" VALUES('t1','00000000-0000-7000-8000-00000000000a','t','h3','read,sync',1,NULL,NULL,NULL,'192.0.2.1','t0');
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
INSERT INTO "connection" VALUES('c1','00000000-0000-7000-8000-00000000000a','csv','C 1','{"url":"https://example.com/"}',1,'{"etag":"x"}','keep',3,1,2,NULL);
INSERT INTO "connection" VALUES('c2','00000000-0000-7000-8000-00000000000a','csv','C 2','{"url":"https://example.com/"}',2,'{"etag":"x"}','keep',3,1,2,NULL);
INSERT INTO "connection" VALUES('c3','00000000-0000-7000-8000-00000000000b','csv','C 3','{"url":"https://example.com/"}',3,'{"etag":"x"}','keep',3,1,2,7);
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
	created_at    INTEGER NOT NULL,
	UNIQUE (connection_id, remote_id)
) STRICT;
INSERT INTO "dataset" VALUES(1,'d1','c1','00000000-0000-7000-8000-00000000000a','','Prices','[{"name":"a"}]','{}','data_prices_d1',2,4,9,1);
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
CREATE TABLE lane (
	id         TEXT PRIMARY KEY,
	due_at     INTEGER,                        -- when there is something to do; while it is worked on: the end of the lease; NULL: never
	hold_until INTEGER NOT NULL DEFAULT 0,
	failures   INTEGER NOT NULL DEFAULT 0,     -- in a row
	attempt    INTEGER NOT NULL DEFAULT 0,
	pid        INTEGER NOT NULL DEFAULT 0      -- who works on it
) STRICT;
INSERT INTO "lane" VALUES('w1',5,0,0,0,0);
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
CREATE TABLE progress_token (
	hash          TEXT PRIMARY KEY,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	expires_at    INTEGER NOT NULL
) STRICT;
INSERT INTO "progress_token" VALUES('p','00000000-0000-7000-8000-00000000000a','c1',9);
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
INSERT INTO "record" VALUES(1099511627777,1,'k1','["1"]',1,2,NULL,0,10);
INSERT INTO "record" VALUES(1099511627778,1,'k2','["2"]',1,2,NULL,0,10);
INSERT INTO "record" VALUES(1099511627779,1,'k3','["3"]',1,2,5,2,10);
CREATE TABLE record_change (
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	sync_no    INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	action     INTEGER NOT NULL,
	before     TEXT,
	PRIMARY KEY (dataset_no, key, sync_no, action)
) STRICT;
INSERT INTO "record_change" VALUES(1,'k3',20,5,2,'["3"]');
INSERT INTO "record_change" VALUES(1,'k1',10,4,0,NULL);
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
INSERT INTO "schedule" VALUES('c1','00000000-0000-7000-8000-00000000000a',1,'ok',0,'daily',15,NULL,NULL,101,50,40,30,1,1,5,NULL,NULL);
INSERT INTO "schedule" VALUES('c2','00000000-0000-7000-8000-00000000000a',1,'retrying',1,'15min',30,NULL,NULL,102,50,40,30,2,2,5,'dns','Not found.');
INSERT INTO "schedule" VALUES('c3','00000000-0000-7000-8000-00000000000b',0,'attention',0,'custom',45,'FREQ=DAILY','Europe/Berlin',NULL,50,40,30,3,3,5,'dns','Not found.');
CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
INSERT INTO "schema_migration" VALUES(1,'0001_init','ced16d5e6dbbbb386c1ce2771a2c7af56cfa2ab3dba552728ae5149fa62de83d',1700000000001);
INSERT INTO "schema_migration" VALUES(2,'0002_users','b7e93d8d31b9c3d03ffb54062bace12ac2b2866cb91745a0fc3ad42f1b6c4dcb',1700000000002);
INSERT INTO "schema_migration" VALUES(3,'0003_webhooks','0405a49368c5573a5bf1eb4b3c9683a3252f95ebcf2e5eac53e8dbafafe332a3',1700000000003);
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
INSERT INTO "sync" VALUES(10,'s1','c1','00000000-0000-7000-8000-00000000000a','first','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(20,'s2','c1','00000000-0000-7000-8000-00000000000a','manual','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(30,'s3','c1','00000000-0000-7000-8000-00000000000a','api','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(40,'s4','c1','00000000-0000-7000-8000-00000000000a','schedule','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(50,'s5','c1','00000000-0000-7000-8000-00000000000a','webhook','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(60,'s6','c1','00000000-0000-7000-8000-00000000000a','resume','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(70,'s7','c1','00000000-0000-7000-8000-00000000000a','approve','complete','complete',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(80,'s8','c1','00000000-0000-7000-8000-00000000000a','command','error','error',100,'Done',10,11,12,13,14,2,77,0,1,'s0','{}',1,2,3,4,5,6,7,8,9,1,'[]','[]','{}','dns','x');
INSERT INTO "sync" VALUES(90,'s9','c1','00000000-0000-7000-8000-00000000000a','schedule','running','processing',0,'',20,NULL,21,NULL,0,0,0,0,0,NULL,NULL,0,0,0,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "sync" VALUES(91,'s10','c2','00000000-0000-7000-8000-00000000000a','manual','queued','downloading',0,'',20,NULL,21,NULL,0,0,0,0,0,NULL,NULL,0,0,0,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sync_log (
	sync_no INTEGER NOT NULL REFERENCES sync (no) ON DELETE CASCADE,
	n       INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	level   TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
	text    TEXT NOT NULL,
	PRIMARY KEY (sync_no, n)
) STRICT;
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
) STRICT;
INSERT INTO "web_session" VALUES('h2','s1','00000000-0000-7000-8000-00000000000a','c',1,2,99,'192.0.2.1','a',0);
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
INSERT INTO "webhook" VALUES('w1','00000000-0000-7000-8000-00000000000a','https://example.com/','','sync.complete',1,'s',NULL,NULL,1,2,NULL,NULL,NULL,NULL);
CREATE INDEX sign_in_key_expires ON sign_in_key (expires_at);
CREATE INDEX api_token_owner ON api_token (owner, id);
CREATE INDEX connection_owner ON connection (owner, id);
CREATE INDEX schedule_due ON schedule (failing, next_poll_at) WHERE next_poll_at IS NOT NULL;
CREATE INDEX schedule_set ON schedule (set_at) WHERE next_poll_at IS NOT NULL;
CREATE UNIQUE INDEX sync_one_active ON sync (connection_id) WHERE state IN ('queued', 'running');
CREATE INDEX sync_queue ON sync (state, no) WHERE state IN ('queued', 'running');
CREATE INDEX sync_history ON sync (connection_id, no);
CREATE INDEX sync_owner ON sync (owner, no);
CREATE INDEX sync_finished ON sync (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX dataset_owner ON dataset (owner, connection_id);
CREATE UNIQUE INDEX record_key ON record (dataset_no, key);
CREATE INDEX record_change_at ON record_change (at);
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
CREATE INDEX lane_well ON lane (due_at) WHERE failures = 0;
CREATE INDEX lane_failing ON lane (due_at) WHERE failures > 0;
CREATE INDEX lane_pid ON lane (pid) WHERE pid <> 0;
CREATE INDEX told_waiting ON told (owner, connection_id) WHERE waiting = 1;
CREATE VIEW "data_prices_d1" AS SELECT key AS "_key", json_extract(payload, '$[0]') AS "a" FROM record WHERE seq > 1099511627776 AND seq < 2199023255552 AND likelihood(dataset_no = 1, 0.99) AND deleted IS NULL;
COMMIT;
PRAGMA user_version = 3;
PRAGMA application_id = 1413762379;
