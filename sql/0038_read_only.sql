-- A calendar that can only be read gets nothing that was made elsewhere. What the source says of it is kept beside the cursor, which is
-- taken away while a run saves.

ALTER TABLE connection ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1));
