-- Objects and their twins at providers. Used by lib/store/link.c only.

-- columns: link = id, owner, connection_id, object_kind, dataset_no, object_key, remote_id,
--	etag, base, sent, state, rev, error_code, error_detail, last_synced_at, created_at,
--	updated_at, ours, since_no, heir, withdrawn, run_no, back, facets, former

-- name: link_insert
INSERT INTO link (id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag,
	base, sent, state, error_code, error_detail, last_synced_at,
	created_at, updated_at, ours, since_no, withdrawn, run_no, facets, former)
VALUES (:id, :owner, :connection_id, :object_kind, :dataset_no, :object_key, :remote_id, :etag,
	:base, :sent, :state, :error_code, :error_detail,
	NULLIF(CAST(:last_synced_at AS BIGINT), 0), :created_at, :created_at, :ours,
	:since_no, :withdrawn, NULLIF(CAST(:run_no AS BIGINT), 0), :facets,
	:former)

-- name: link_get
SELECT {link}
FROM link WHERE id = ?1 AND owner = ?2

-- name: link_of
SELECT {link}
FROM link WHERE connection_id = ?1 AND object_kind = ?2 AND dataset_no = ?3 AND object_key = ?4
	AND owner = ?5

-- name: link_remote
SELECT {link}
FROM link WHERE connection_id = ?1 AND remote_id = ?2 AND owner = ?3

-- name: link_former
SELECT {link}
FROM link WHERE connection_id = ?1 AND former = ?2 AND owner = ?3 LIMIT 1

-- name: link_list_object
SELECT {link}
FROM link WHERE owner = ?1 AND object_kind = ?2 AND dataset_no = ?3 AND object_key = ?4 LIMIT ?5

-- name: link_list_state
SELECT {link}
FROM link WHERE connection_id = ?1 AND state = ?2 AND id > ?3 AND owner = ?4 ORDER BY id LIMIT ?5

-- name: link_list_all
SELECT {link}
FROM link WHERE connection_id = ?1 AND object_kind = 'event' AND dataset_no = 0
	AND object_key > ?2 AND owner = ?3
ORDER BY object_key LIMIT ?4

-- name: link_young
SELECT remote_id FROM link WHERE connection_id = ?1 AND last_synced_at > ?2 AND last_synced_at < ?3
	AND remote_id IS NOT NULL AND base IS NOT NULL AND owner = ?4
ORDER BY ours DESC, last_synced_at DESC LIMIT ?5

-- name: link_refused
SELECT count(*) FROM link WHERE connection_id = ?1 AND state = 'skipped' AND owner = ?2
	AND object_kind = 'record' AND error_code = ?3

-- name: link_kept
SELECT count(*) FROM link WHERE connection_id = ?1 AND state = 'skipped' AND owner = ?2
	AND object_kind = 'event' AND error_code = ?3

-- name: link_list_refused
SELECT {link}
FROM link WHERE connection_id = ?1 AND state = 'skipped' AND owner = ?2
	AND object_kind = 'record' AND error_code = ?3 ORDER BY id LIMIT ?4

-- name: link_list_run
SELECT {link}
FROM link WHERE run_no = ?1 AND id > ?2 AND owner = ?3 ORDER BY id LIMIT ?4

-- name: link_drop_withdrawn
DELETE FROM link WHERE connection_id = ?1 AND owner = ?2 AND withdrawn = 1

-- name: link_save
UPDATE link SET remote_id = :remote_id, etag = :etag, base = :base, sent = :sent, state = :state,
	error_code = :error_code, error_detail = :error_detail,
	last_synced_at = NULLIF(CAST(:last_synced_at AS BIGINT), 0), updated_at = :updated_at,
	ours = :ours, withdrawn = :withdrawn, run_no = NULLIF(CAST(:run_no AS BIGINT), 0),
	back = :back, facets = :facets, rev = rev + 1
WHERE id = :id AND owner = :owner AND rev = :rev

-- name: link_give_way
UPDATE link SET object_key = ?4, heir = ?5, former = NULL, rev = rev + 1
WHERE id = ?1 AND owner = ?2 AND rev = ?3

-- name: link_delete
DELETE FROM link WHERE id = ?1 AND owner = ?2 AND rev = ?3

-- name: link_forget
DELETE FROM link WHERE id IN (SELECT l.id FROM link l
	WHERE l.owner = ?1 AND l.object_kind = 'record' AND l.dataset_no = ?2 LIMIT ?3)
	AND owner = ?1
