-- The twin was made by us: it may go when it turns out that the other side had the same thing by itself.
ALTER TABLE link ADD COLUMN ours INTEGER NOT NULL DEFAULT 0 CHECK (ours IN (0, 1));
