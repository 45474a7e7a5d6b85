-- What a token has made ends with it; what a proxy in front has opened is good there alone.

ALTER TABLE api_token ADD COLUMN made_by TEXT;         -- id of the token that made this one; NULL: a person did
CREATE INDEX api_token_made_by ON api_token (made_by) WHERE made_by IS NOT NULL;

ALTER TABLE web_session ADD COLUMN by_proxy INTEGER NOT NULL DEFAULT 0 CHECK (by_proxy IN (0, 1));
