-- What was found out about a dataset belongs to it.

-- JSON by name: how the source is read, as the first complete read found it out (where the records are, whether there is a header,
-- which encoding ...). Every later read goes by it; '{}' of what was read before this was written down.
ALTER TABLE dataset ADD COLUMN reading TEXT NOT NULL DEFAULT '{}';
-- The largest share, in per cent, of records whose values a run has replaced with other ones: what is usual here.
ALTER TABLE dataset ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
-- 1: there are records whose key repeats that of another one (key, key#2, ...).
ALTER TABLE dataset ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
UPDATE dataset SET repeats = 1 WHERE EXISTS (SELECT 1 FROM record r WHERE r.dataset_no = dataset.no AND r.key GLOB '*#[0-9]*');
