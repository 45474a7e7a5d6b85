-- A run that has found nothing new stands for those before it on the same day that had not either: how many, since when, and what they cost.
ALTER TABLE sync ADD COLUMN rolled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync ADD COLUMN rolled_from INTEGER;
ALTER TABLE sync ADD COLUMN rolled_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync ADD COLUMN rolled_calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync ADD COLUMN rolled_fetched INTEGER NOT NULL DEFAULT 0;
