-- What should pass by itself is told when it does not: the first of the failures in a row.
ALTER TABLE schedule ADD COLUMN failing_since INTEGER NOT NULL DEFAULT 0;
