-- One table of changes: history, undo and "why" read it, whoever wrote.

-- The history of records moves to it. Rows of datasets that are being removed have nobody to belong to and go.
INSERT INTO change (owner, object_kind, dataset_no, object_key, at, action, side, sync_no, connection_id, before)
SELECT d.owner, 'record', x.dataset_no, x.key, x.at, x.action, 'local', x.sync_no, d.connection_id, x.before
FROM record_change x JOIN dataset d ON d.no = x.dataset_no ORDER BY x.at, x.sync_no, x.dataset_no, x.key, x.action;
DROP TABLE record_change;
-- Every index is paid for by every run. Changes are numbered in the order of time, so the oldest are found by their number, and those
-- of a run within the range that it has noted: behind change_from, up to change_to; NULL of runs from before, whose range is all.
DROP INDEX change_at;
DROP INDEX change_run;
ALTER TABLE sync ADD COLUMN change_from INTEGER;
ALTER TABLE sync ADD COLUMN change_to INTEGER;

-- 0: it is as a run left it. Else it was edited here, and the base of its link is what the source said of it last: the seq that it had
-- before, by which a run that compares knows it while it moves.
ALTER TABLE record ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
-- The run that brought it first; 0: it was made here; NULL: it was there before this was written down.
ALTER TABLE record ADD COLUMN first_sync INTEGER;
