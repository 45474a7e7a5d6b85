-- How often a user's contacts are kept level. Used by lib/store/auto_sync.c only.

-- columns: auto_sync = enabled, interval_hours, next_sync_at, updated_at

-- name: auto_sync_get
SELECT {auto_sync} FROM auto_sync WHERE owner = ?1

-- name: auto_sync_put
INSERT INTO auto_sync (owner, enabled, interval_hours, next_sync_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (owner) DO UPDATE SET enabled = excluded.enabled,
	interval_hours = excluded.interval_hours, next_sync_at = excluded.next_sync_at,
	updated_at = excluded.updated_at
