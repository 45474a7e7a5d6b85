-- Several people: passwords, mail addresses, sessions that can be listed and ended, tokens that are rotated, limits on guessing, who did what from where.

ALTER TABLE account ADD COLUMN password TEXT;          -- crypt(5) yescrypt; NULL: one-time links only
ALTER TABLE account ADD COLUMN email TEXT;             -- confirmed; notices go there
ALTER TABLE account ADD COLUMN mail_notices INTEGER NOT NULL DEFAULT 1 CHECK (mail_notices IN (0, 1));
ALTER TABLE account ADD COLUMN workspace_id TEXT;      -- the host application's own name of this user
CREATE UNIQUE INDEX account_workspace ON account (workspace_id);
CREATE INDEX account_email ON account (email);
CREATE INDEX account_operator ON account (id) WHERE role = 'operator' AND disabled_at IS NULL;

-- What a one-time key is for: 'sign-in', 'password' (invitation, reset: a password may be chosen without the old one), 'email' (confirms `detail`).
ALTER TABLE sign_in_key ADD COLUMN purpose TEXT NOT NULL DEFAULT 'sign-in';
ALTER TABLE sign_in_key ADD COLUMN detail TEXT NOT NULL DEFAULT '';
CREATE INDEX sign_in_key_owner ON sign_in_key (owner);

-- Sessions of the first schema end: they have no id to be listed by.
DROP TABLE web_session;
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
CREATE INDEX web_session_expires ON web_session (expires_at);
CREATE INDEX web_session_owner ON web_session (owner, id);

ALTER TABLE api_token ADD COLUMN last_used_from TEXT;
ALTER TABLE api_token ADD COLUMN replaces TEXT;        -- id of the token this one was rotated from
CREATE INDEX api_token_expires ON api_token (expires_at) WHERE expires_at IS NOT NULL;

-- Short-lived, for the browser of a host page: reads the progress of one connection and nothing else.
CREATE TABLE progress_token (
	hash          TEXT PRIMARY KEY,
	owner         TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	expires_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX progress_token_expires ON progress_token (expires_at);
CREATE INDEX progress_token_connection ON progress_token (connection_id);
CREATE INDEX progress_token_owner ON progress_token (owner);

-- Wrong passwords, counted for an account with an address, an address, an account. `bucket` is a digest: names of people who do not exist are not kept.
CREATE TABLE sign_in_limit (
	bucket     TEXT PRIMARY KEY,
	failures   INTEGER NOT NULL,
	until      INTEGER NOT NULL,                      -- no further try before this
	expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_limit_expires ON sign_in_limit (expires_at);

ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_at ON audit (at);
