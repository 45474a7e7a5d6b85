-- What the records of a dataset take, without what was deleted: of a user there is so much room.

ALTER TABLE dataset ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;  -- of their keys and payloads
UPDATE dataset SET bytes = (SELECT COALESCE(sum(length(CAST(r.key AS BLOB)) + length(CAST(r.payload AS BLOB))), 0)
	FROM record r WHERE r.dataset_no = dataset.no AND r.deleted IS NULL);
