-- Objects and their twins at providers. Used by lib/store/link.c only.

-- name: link_insert
INSERT INTO link (id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag, base, sent, state, error_code, error_detail, last_synced_at,
	created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, NULLIF(CAST(?14 AS BIGINT), 0), ?15, ?15)

-- name: link_get
SELECT id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag, base, sent, state, rev, error_code, error_detail, last_synced_at,
	created_at, updated_at
FROM link WHERE id = ?1 AND owner = ?2

-- name: link_of
SELECT id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag, base, sent, state, rev, error_code, error_detail, last_synced_at,
	created_at, updated_at
FROM link WHERE connection_id = ?1 AND object_kind = ?2 AND dataset_no = ?3 AND object_key = ?4 AND owner = ?5

-- name: link_remote
SELECT id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag, base, sent, state, rev, error_code, error_detail, last_synced_at,
	created_at, updated_at
FROM link WHERE connection_id = ?1 AND remote_id = ?2 AND owner = ?3

-- name: link_list_object
SELECT id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag, base, sent, state, rev, error_code, error_detail, last_synced_at,
	created_at, updated_at
FROM link WHERE owner = ?1 AND object_kind = ?2 AND dataset_no = ?3 AND object_key = ?4 LIMIT ?5

-- name: link_list_state
SELECT id, owner, connection_id, object_kind, dataset_no, object_key, remote_id, etag, base, sent, state, rev, error_code, error_detail, last_synced_at,
	created_at, updated_at
FROM link WHERE connection_id = ?1 AND state = ?2 AND id > ?3 AND owner = ?4 ORDER BY id LIMIT ?5

-- name: link_save
UPDATE link SET remote_id = ?4, etag = ?5, base = ?6, sent = ?7, state = ?8, error_code = ?9, error_detail = ?10,
	last_synced_at = NULLIF(CAST(?11 AS BIGINT), 0), updated_at = ?12, rev = rev + 1
WHERE id = ?1 AND owner = ?2 AND rev = ?3

-- name: link_delete
DELETE FROM link WHERE id = ?1 AND owner = ?2 AND rev = ?3
