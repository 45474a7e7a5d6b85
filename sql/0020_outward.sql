-- What is written to providers is guarded like what is read from them: which items of the outbox would delete or
-- overwrite what is there, which run asks about those that are held, and which ones a person has let go.

ALTER TABLE outbox ADD COLUMN harms INTEGER NOT NULL DEFAULT 0 CHECK (harms IN (0, 1));
ALTER TABLE outbox ADD COLUMN question TEXT;     -- id of the run that asks about it, or asked; NULL: none
ALTER TABLE outbox ADD COLUMN allowed INTEGER NOT NULL DEFAULT 0 CHECK (allowed IN (0, 1));
UPDATE outbox SET harms = 1 WHERE (fields IS NULL OR fields <> '[]') AND link_id IN (SELECT id FROM link WHERE base IS NOT NULL);
CREATE INDEX outbox_harm ON outbox (connection_id, finished_at) WHERE harms = 1 AND allowed = 0;
CREATE INDEX outbox_question ON outbox (question, id) WHERE question IS NOT NULL;
CREATE INDEX link_there ON link (connection_id) WHERE base IS NOT NULL;
