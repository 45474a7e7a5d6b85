-- What Tidemark has made at a provider can be taken from there again, while what it is of stays here.

ALTER TABLE link ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)); -- the twin shall go
ALTER TABLE connection ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1)); -- nothing is read any more
