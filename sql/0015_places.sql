-- A place is held by a run that works, not by one that waits; and a schedule counts from the time that was due.
ALTER TABLE sync ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;     -- when its schedule had it due; 0: it was asked for
ALTER TABLE sync ADD COLUMN wait_until INTEGER NOT NULL DEFAULT 0; -- running: it waits and holds no place; queued: it goes on then; 0: neither

-- Whoever looks for the next one sees whose it is.
DROP INDEX schedule_due;
CREATE INDEX schedule_due ON schedule (failing, next_poll_at, owner) WHERE next_poll_at IS NOT NULL;
