-- One profile for each person, over the records of all sources that have people (lib/profile).

-- A record that is a person, and the profile that it is a part of.
CREATE TABLE person (
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	owner      TEXT NOT NULL,
	profile_id TEXT NOT NULL,
	name       TEXT NOT NULL,                  -- folded
	PRIMARY KEY (dataset_no, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_profile ON person (owner, profile_id);

-- What such a record can be found by.
CREATE TABLE person_ident (
	owner      TEXT NOT NULL,
	kind       INTEGER NOT NULL,               -- 1 e-mail, 2 phone, 3 word of the name
	value      TEXT NOT NULL,                  -- folded, E.164
	dataset_no INTEGER NOT NULL,
	key        TEXT NOT NULL,
	PRIMARY KEY (owner, kind, value, dataset_no, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_ident_record ON person_ident (dataset_no, key);

-- How far a dataset was taken in, and by which columns. It stays until all its people are gone.
CREATE TABLE person_place (
	dataset_no    INTEGER PRIMARY KEY,
	owner         TEXT NOT NULL,
	mapping       TEXT NOT NULL,               -- JSON; lib/profile/mapping.h
	seq           INTEGER NOT NULL             -- of the last record that was taken in
) STRICT;
CREATE INDEX person_place_owner ON person_place (owner);

-- Which columns somebody has chosen: {"name", "email", "phone"}, each a list; "" for none of it. By id, which stays when a dataset is cleared.
CREATE TABLE person_mapping (
	dataset_id TEXT PRIMARY KEY,
	owner      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	mapping    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What somebody has decided about two records; the smaller one first.
CREATE TABLE person_rule (
	owner     TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	a_dataset TEXT NOT NULL,
	a_key     TEXT NOT NULL,
	b_dataset TEXT NOT NULL,
	b_key     TEXT NOT NULL,
	same      INTEGER NOT NULL CHECK (same IN (0, 1)),
	at        INTEGER NOT NULL,
	actor     TEXT NOT NULL,
	PRIMARY KEY (owner, a_dataset, a_key, b_dataset, b_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_rule_b ON person_rule (owner, b_dataset, b_key);

-- All datasets of an owner, one after the other.
CREATE INDEX dataset_number ON dataset (owner, no);

-- Connections in the order in which they are believed, JSON; NULL: none was set.
ALTER TABLE account ADD COLUMN believed TEXT;
