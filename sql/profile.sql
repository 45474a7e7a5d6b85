-- People and their profiles. Used by lib/store/profile.c only.
-- A place whose dataset is gone, or of a connection that was disconnected, is emptied.

-- name: person_place_put
INSERT INTO person_place (dataset_no, owner, mapping, seq) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (dataset_no) DO UPDATE SET mapping = excluded.mapping, seq = excluded.seq
WHERE person_place.owner = excluded.owner

-- name: person_place_drop
DELETE FROM person_place WHERE dataset_no = ?1 AND owner = ?2

-- name: person_stale
SELECT p.dataset_no FROM person_place p WHERE p.owner = ?1 AND NOT EXISTS (
	SELECT 1 FROM dataset d JOIN connection c ON c.id = d.connection_id
	WHERE d.no = p.dataset_no AND c.removed_at IS NULL)
ORDER BY p.dataset_no LIMIT 1

-- Datasets of connections that are there, with what was chosen.
-- columns: person_table = d.no, d.id, d.connection_id, d.columns, d.next_seq, d.pruned, m.mapping,
--	c.config, p.mapping AS taken, p.seq
-- name: person_tables
SELECT {person_table} FROM dataset d JOIN connection c ON c.id = d.connection_id
	LEFT JOIN person_mapping m ON m.dataset_id = d.id
	LEFT JOIN person_place p ON p.dataset_no = d.no
WHERE d.owner = ?1 AND c.removed_at IS NULL AND d.no > ?2 ORDER BY d.no LIMIT 1

-- name: person_tables_of
SELECT {person_table} FROM dataset d JOIN connection c ON c.id = d.connection_id
	LEFT JOIN person_mapping m ON m.dataset_id = d.id
	LEFT JOIN person_place p ON p.dataset_no = d.no
WHERE d.owner = ?1 AND d.connection_id = ?3 AND c.removed_at IS NULL AND d.no > ?2
ORDER BY d.no LIMIT 1

-- name: person_mapping_put
INSERT INTO person_mapping (dataset_id, owner, mapping) VALUES (?1, ?2, ?3)
ON CONFLICT (dataset_id) DO UPDATE SET mapping = excluded.mapping
WHERE person_mapping.owner = excluded.owner

-- name: person_mapping_drop
DELETE FROM person_mapping WHERE dataset_id = ?1 AND owner = ?2

-- columns: person = p.dataset_no, p.key, p.profile_id, p.name
-- name: person_get
SELECT {person} FROM person p WHERE p.dataset_no = ?1 AND p.owner = ?2 AND p.key = ?3

-- name: person_some
SELECT {person} FROM person p WHERE p.dataset_no = ?1 AND p.owner = ?2 ORDER BY p.key LIMIT ?3

-- name: person_members
SELECT {person} FROM person p WHERE p.owner = ?1 AND p.profile_id = ?2
ORDER BY p.dataset_no, p.key LIMIT ?3

-- name: person_put
INSERT INTO person (dataset_no, key, owner, profile_id, name) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (dataset_no, key) DO UPDATE SET profile_id = excluded.profile_id,
	name = excluded.name
WHERE person.owner = excluded.owner

-- name: person_drop
DELETE FROM person WHERE dataset_no = ?1 AND owner = ?2 AND key = ?3

-- columns: person_ident = i.kind, i.value
-- name: person_idents
SELECT {person_ident} FROM person_ident i WHERE i.dataset_no = ?1 AND i.owner = ?2 AND i.key = ?3
ORDER BY i.kind, i.value

-- name: person_ident_put
INSERT INTO person_ident (owner, kind, value, dataset_no, key) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (owner, kind, value, dataset_no, key) DO NOTHING

-- name: person_idents_drop
DELETE FROM person_ident WHERE dataset_no = ?1 AND owner = ?2 AND key = ?3

-- name: person_holders
SELECT {person} FROM person_ident i JOIN person p ON p.dataset_no = i.dataset_no
	AND p.key = i.key
WHERE i.owner = ?1 AND i.kind = ?2 AND i.value = ?3 ORDER BY i.dataset_no, i.key LIMIT ?4

-- A walk along what was found by the beginning of a word.
-- columns: person_found = i.value, i.dataset_no, i.key, p.profile_id
-- name: person_found
SELECT {person_found} FROM person_ident i JOIN person p ON p.dataset_no = i.dataset_no
	AND p.key = i.key
WHERE i.owner = ?1 AND i.kind = ?2 AND i.value < ?3
	AND (i.value, i.dataset_no, i.key) > (?4, ?5, ?6)
ORDER BY i.value, i.dataset_no, i.key LIMIT ?7

-- Of how many the beginning of a word is; not more than a limit.
-- name: person_many
SELECT count(*) FROM (SELECT 1 FROM person_ident i WHERE i.owner = ?1 AND i.kind = ?2
	AND i.value >= ?3 AND i.value < ?4 LIMIT ?5) x

-- name: profile_list
SELECT DISTINCT p.profile_id FROM person p WHERE p.owner = ?1 AND p.profile_id > ?2
ORDER BY p.profile_id LIMIT ?3

-- columns: person_rule = r.a_dataset, r.a_key, r.b_dataset, r.b_key, r.same
-- name: person_rules_a
SELECT {person_rule} FROM person_rule r WHERE r.owner = ?1 AND r.a_dataset = ?2 AND r.a_key = ?3

-- name: person_rules_b
SELECT {person_rule} FROM person_rule r WHERE r.owner = ?1 AND r.b_dataset = ?2 AND r.b_key = ?3

-- name: person_rule_put
INSERT INTO person_rule (owner, a_dataset, a_key, b_dataset, b_key, same, at, actor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (owner, a_dataset, a_key, b_dataset, b_key) DO UPDATE SET same = excluded.same,
	at = excluded.at, actor = excluded.actor

-- name: person_ruled
SELECT 1 FROM person_rule r WHERE r.owner = ?1 LIMIT 1

-- name: person_dataset
SELECT d.id FROM dataset d WHERE d.owner = ?1 AND d.no = ?2

-- name: person_number
SELECT d.no FROM dataset d WHERE d.owner = ?1 AND d.id = ?2

-- name: profile_believed
SELECT believed FROM account WHERE id = ?1

-- name: profile_believe
UPDATE account SET believed = ?2 WHERE id = ?1
