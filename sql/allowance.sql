-- What one user writes in a day by requests. Used by lib/store/allowance.c only.

-- columns: allowance = written, written_at
-- name: allowance_get
SELECT {allowance} FROM account WHERE id = ?1

-- name: allowance_set
UPDATE account SET written = ?2, written_at = ?3 WHERE id = ?1
