-- Where something was made anew, what it had been called there before: that may only have been hidden. It is looked for once more just
-- before, and known when it is shown again.

ALTER TABLE link ADD COLUMN former TEXT;

CREATE INDEX link_former ON link (connection_id, former) WHERE former IS NOT NULL;
