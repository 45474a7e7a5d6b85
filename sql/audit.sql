-- Who did what. Used by lib/store/audit.c only.

-- columns: audit = id, at, owner, actor, action, object, detail, address

-- name: audit_insert
INSERT INTO audit (id, owner, at, actor, action, object, detail, address)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: audit_of_owner
SELECT {audit} FROM audit WHERE owner = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3

-- name: audit_of_object
SELECT {audit} FROM audit WHERE owner = ?1 AND object = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4

-- name: audit_of_all
-- system: an operator looks at everybody's
SELECT {audit} FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2

-- name: audit_sweep
-- system: retention, the same for everybody
DELETE FROM audit WHERE id IN (SELECT x.id FROM audit x WHERE x.at < ?1 ORDER BY x.at LIMIT 1000)
