-- The clocks of services. Used by lib/access/clocks.c, and by the tick when ours is set back.

-- columns: clock = samples, at
-- name: clock_get
-- system: a service's clock is the same for everybody
SELECT {clock} FROM remote_clock WHERE service = ?1

-- name: clock_put
-- system: a service's clock is the same for everybody
INSERT INTO remote_clock (service, samples, at) VALUES (?1, ?2, ?3)
ON CONFLICT (service) DO UPDATE SET samples = excluded.samples, at = excluded.at

-- name: clock_forget
-- system: ours was set back, by which all were measured
DELETE FROM remote_clock
