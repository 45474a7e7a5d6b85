-- How much may be deleted or overwritten at once before a person is asked is each connection's own.

ALTER TABLE connection ADD COLUMN guard_percent INTEGER NOT NULL DEFAULT 0 CHECK (guard_percent BETWEEN 0 AND 100); -- 0: as usual
ALTER TABLE connection ADD COLUMN guard_items INTEGER NOT NULL DEFAULT 0 CHECK (guard_items BETWEEN 0 AND 10000);
