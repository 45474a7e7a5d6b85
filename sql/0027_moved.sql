-- A meeting that is moved from one calendar to another is gone there and new here: what was met since a calendar was read
-- last may be what that calendar has lost. And somebody may edit our copy of it while that gives way.

ALTER TABLE link ADD COLUMN since_no INTEGER NOT NULL DEFAULT 0; -- the change by which its twin was met; 0: it is ours
ALTER TABLE link ADD COLUMN heir TEXT;                           -- key of the object that an edit of the twin goes to
