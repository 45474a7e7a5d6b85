-- Accounts at providers that people sign in to: one row for each, shared by the connections that read with it.
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

-- A person is at the provider's consent page. One use, ten minutes, bound to the session that began it.
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
CREATE INDEX oauth_try_expires ON oauth_try (expires_at);
CREATE INDEX oauth_try_owner ON oauth_try (owner);

ALTER TABLE connection ADD COLUMN account_id TEXT REFERENCES remote_account (id);
CREATE INDEX connection_account ON connection (account_id);

-- Token buckets that all processes share. Levels are thousandths of a call.
CREATE TABLE rate_bucket (
	name          TEXT PRIMARY KEY,
	level         INTEGER NOT NULL,
	at            INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL DEFAULT 0       -- the provider asked to wait
) STRICT;

-- Calls made, by hour, for the quota meter.
CREATE TABLE quota_use (
	owner      TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES remote_account (id) ON DELETE CASCADE,
	quota      TEXT NOT NULL,
	hour       INTEGER NOT NULL,
	calls      INTEGER NOT NULL,
	refused    INTEGER NOT NULL,
	PRIMARY KEY (account_id, quota, hour)
) STRICT;
CREATE INDEX quota_use_hour ON quota_use (hour);
CREATE INDEX quota_use_owner ON quota_use (owner, hour);

-- Push channels of providers that call back.
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
) STRICT;
CREATE INDEX channel_connection ON channel (connection_id, created_at);
CREATE INDEX channel_expires ON channel (expires_at);

-- Generation counters: a message raises `asked`; a run that began with asked = n serves all up to n. A message during a run leads to one more run.
ALTER TABLE schedule ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schedule ADD COLUMN served INTEGER NOT NULL DEFAULT 0;
CREATE INDEX schedule_asked ON schedule (connection_id) WHERE asked > served;
ALTER TABLE connection ADD COLUMN push_refused TEXT;       -- why the source will not call back: plain polling
ALTER TABLE connection ADD COLUMN push_refused_at INTEGER;
