-- Schedules that are off because their user is disabled; they come back with the user.
ALTER TABLE schedule ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1));
