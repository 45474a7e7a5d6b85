-- What a user has written in the last day by requests, in bytes: so much one can write and no more, for history and audit grow by each write.
-- It falls steadily; written_at is when it was as much as that.

ALTER TABLE account ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN written_at INTEGER NOT NULL DEFAULT 0;

-- Views of SQL: what each takes in the schema, which everybody reads, and how often it was made since then.

ALTER TABLE dataset ADD COLUMN view_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dataset ADD COLUMN view_made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dataset ADD COLUMN view_since INTEGER NOT NULL DEFAULT 0;
UPDATE dataset SET view_bytes = COALESCE((SELECT length(s.sql) FROM sqlite_schema s WHERE s.type = 'view' AND s.name = dataset.view_name), 0);
