-- The guard before what leaves looks at each item once, when it has come, and counts by indexes alone: with ten thousand
-- that wait it must not count them all for each one that is sent.

ALTER TABLE outbox ADD COLUMN judged INTEGER NOT NULL DEFAULT 0 CHECK (judged IN (0, 1));
DROP INDEX outbox_harm;
CREATE INDEX outbox_harm ON outbox (connection_id, owner, finished_at, state, op) WHERE harms = 1 AND allowed = 0;
CREATE INDEX outbox_unjudged ON outbox (connection_id) WHERE harms = 1 AND allowed = 0 AND judged = 0;
DROP INDEX link_there;
CREATE INDEX link_there ON link (connection_id, owner) WHERE base IS NOT NULL;
