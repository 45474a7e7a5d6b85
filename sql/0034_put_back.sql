-- What a run has written over at a provider, without changing anything here, is put back by its undo.

ALTER TABLE link ADD COLUMN back TEXT; -- JSON: {run, values}, what an undo puts there in place of what is here; NULL: nothing
