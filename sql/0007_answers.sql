-- What is stored and what was answered are told exactly.

-- The data is to be dropped before anything is read again: set by "clear", taken away with the last page that is dropped.
ALTER TABLE connection ADD COLUMN clearing INTEGER NOT NULL DEFAULT 0;
-- The question that `guard` was given for: a digest of its deletions. guard_count, which was compared before, is not used any more.
ALTER TABLE connection ADD COLUMN guard_plan TEXT NOT NULL DEFAULT '';
-- The source lacks it and its owner has said "keep". The answer to a question is carried by the records that it was about.
ALTER TABLE record ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
CREATE INDEX record_kept ON record (dataset_no, seq) WHERE kept = 1;
-- A person has asked for a sync while one went on that had read before: another one follows it.
ALTER TABLE schedule ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
