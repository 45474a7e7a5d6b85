-- Edits that could not both stand. Used by lib/store/conflict.c only.

-- columns: conflict = id, owner, link_id, connection_id, object_kind, dataset_no, object_key,
--	policy, state, fields, kept, resolved_by, answer, detected_at, resolved_at

-- name: conflict_insert
INSERT INTO conflict (id, owner, link_id, connection_id, object_kind, dataset_no, object_key,
	policy, state, fields, kept, resolved_by, detected_at, resolved_at)
VALUES (:id, :owner, :link_id, :connection_id, :object_kind, :dataset_no, :object_key, :policy,
	:state, :fields, :kept, :resolved_by, :detected_at,
	NULLIF(CAST(:resolved_at AS BIGINT), 0))

-- name: conflict_get
SELECT {conflict}
FROM conflict WHERE id = ?1 AND owner = ?2

-- name: conflict_open
SELECT {conflict}
FROM conflict WHERE link_id = ?1 AND state = 'open' AND owner = ?2

-- name: conflict_count
SELECT count(*) FROM conflict WHERE owner = ?1 AND state = 'open'

-- name: conflict_count_of
SELECT count(*) FROM conflict WHERE owner = ?1 AND state = 'open' AND connection_id = ?2

-- name: conflict_list
SELECT {conflict}
FROM conflict WHERE owner = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4

-- name: conflict_list_object
SELECT {conflict}
FROM conflict WHERE owner = ?1 AND object_kind = ?2 AND dataset_no = ?3 AND object_key = ?4
	AND id < ?5 ORDER BY id DESC LIMIT ?6

-- name: conflict_again
UPDATE conflict SET policy = ?3, fields = ?4 WHERE id = ?1 AND owner = ?2 AND state = 'open'

-- name: conflict_resolve
UPDATE conflict SET state = 'resolved', fields = ?3, kept = ?4, resolved_by = ?5, answer = ?6,
	resolved_at = ?7
WHERE id = ?1 AND owner = ?2 AND state = 'open'

-- What has been settled for so long, of all owners.
-- name: retain_conflicts
-- system: retention is for everybody
DELETE FROM conflict WHERE id IN (SELECT f.id FROM account a CROSS JOIN conflict f
	WHERE f.owner = a.id AND f.state = 'resolved' AND f.resolved_at < ?1 LIMIT ?2)

-- name: conflict_forget
DELETE FROM conflict WHERE id IN (SELECT c.id FROM conflict c
	WHERE c.owner = ?1 AND c.object_kind = 'record' AND c.dataset_no = ?2 LIMIT ?3)
	AND owner = ?1
