-- What one user has of things of which one can have so many (lib/store/room.c only).

-- name: room_connections
SELECT count(*) FROM connection WHERE owner = ?1

-- name: room_logins
SELECT count(*) FROM remote_account WHERE owner = ?1

-- name: room_followers
SELECT count(*) FROM progress_token WHERE owner = ?1

-- name: room_datasets
SELECT count(*) FROM dataset WHERE owner = ?1

-- name: room_records
SELECT CAST(COALESCE(sum(rows), 0) AS BIGINT) FROM dataset WHERE owner = ?1

-- name: room_bytes
SELECT CAST(COALESCE(sum(bytes), 0) AS BIGINT) FROM dataset WHERE owner = ?1
