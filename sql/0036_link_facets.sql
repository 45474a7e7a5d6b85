-- What a twin says beside its object (guests, call, reminders) is shown by the twins elsewhere.

ALTER TABLE link ADD COLUMN facets TEXT; -- JSON: {word: text}; NULL: nothing, or it was not read yet
