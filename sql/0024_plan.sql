-- A change of a connection's settings that would change much, here or at its provider, is held until a person decides.

ALTER TABLE connection ADD COLUMN plan TEXT;     -- id of the run that asks about it; NULL: none is held
CREATE INDEX connection_plan ON connection (owner, plan) WHERE plan IS NOT NULL;
