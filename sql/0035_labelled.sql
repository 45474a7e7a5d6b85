-- Who was given, at a provider, the label that the settings of a connection name: taken off again when it is left or undone.
CREATE TABLE labelled (
	connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	key           TEXT NOT NULL,                   -- of the record
	owner         TEXT NOT NULL,
	label         TEXT NOT NULL,                   -- the provider's name for it
	name          TEXT NOT NULL,                   -- what it was called there
	wanted        TEXT NOT NULL,                   -- what the settings called it
	made          INTEGER NOT NULL CHECK (made IN (0, 1)), -- the label itself is ours
	stands        INTEGER NOT NULL CHECK (stands BETWEEN 0 AND 3), -- 0 not ours, 1 put on, 2 being put on, 3 being taken off
	held          INTEGER NOT NULL CHECK (held BETWEEN 0 AND 2), -- what an undo says: 1 without it, 2 with it
	PRIMARY KEY (connection_id, key)
) STRICT, WITHOUT ROWID;
