-- Of what is asked for and not served yet, so much is so because a channel was opened: no message has told of anything.

ALTER TABLE schedule ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
