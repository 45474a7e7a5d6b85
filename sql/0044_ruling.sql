-- What a person has answered to a question of the guard before what leaves, while what the question holds follows it: page by
-- page, for it may be many thousands. From the answer on it is nobody's question any more.

CREATE TABLE ruling (
	question    TEXT PRIMARY KEY,          -- id of the run that asked
	owner       TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	keep        INTEGER NOT NULL CHECK (keep IN (0, 1)), -- what is there stays; 0: what is held is sent
	said        TEXT NOT NULL,             -- what the run says once all has followed
	done        INTEGER NOT NULL DEFAULT 0, -- so many have
	ruled_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX ruling_owner ON ruling (owner, question);

-- What was held once is not looked through for what still is, nor what others hold.
DROP INDEX outbox_question;
CREATE INDEX outbox_question ON outbox (question, owner, state, id) WHERE state = 'held';
CREATE INDEX outbox_held ON outbox (connection_id, state, question) WHERE state = 'held';
