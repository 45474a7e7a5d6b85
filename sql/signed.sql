-- Services that sign what they send: their secrets, and what they have told. Used by
-- lib/queue/signed.c only.

-- columns: subscription = id, receiver, secret, offered_at, confirmed_at, last_at, messages
-- name: subscription_list
-- system: what a service signs with is the installation's
SELECT {subscription} FROM subscription ORDER BY offered_at, id LIMIT 200

-- name: subscription_get
-- system: what a service signs with is the installation's
SELECT {subscription} FROM subscription WHERE id = ?1

-- name: subscription_known
-- system: what a service signs with is the installation's
SELECT 1 FROM subscription WHERE receiver = ?1 AND digest = ?2

-- name: subscription_offers
-- system: what a service signs with is the installation's
SELECT COUNT(*) FROM subscription WHERE receiver = ?1 AND confirmed_at IS NULL

-- name: subscription_insert
-- system: what a service signs with is the installation's
INSERT INTO subscription (id, receiver, secret, digest, offered_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (receiver, digest) DO NOTHING

-- name: subscription_confirm
-- system: what a service signs with is the installation's
UPDATE subscription SET confirmed_at = ?2 WHERE id = ?1 AND confirmed_at IS NULL

-- name: subscription_drop
-- system: what a service signs with is the installation's
DELETE FROM subscription WHERE id = ?1

-- name: subscription_seen
-- system: what a service signs with is the installation's
UPDATE subscription SET last_at = ?2, messages = messages + 1 WHERE id = ?1

-- name: subscription_sweep
-- system: what was never confirmed is forgotten
DELETE FROM subscription WHERE confirmed_at IS NULL AND offered_at < ?1

-- name: heard
-- system: messages are the installation's
SELECT 1 FROM heard WHERE receiver = ?1 AND id = ?2

-- name: heard_put
-- system: messages are the installation's
INSERT INTO heard (receiver, id, until) VALUES (?1, ?2, ?3) ON CONFLICT (receiver, id) DO NOTHING

-- name: heard_sweep
-- system: what is over is over for everybody
DELETE FROM heard WHERE until < ?1

-- columns: signed_channel = c.id, c.owner, c.connection_id, c.last_at,
--	s.asked - s.served AS waiting
-- name: signed_channels
-- system: a service names what has changed, whoever is connected to it
SELECT {signed_channel} FROM channel c
JOIN schedule s ON s.connection_id = c.connection_id AND s.owner = c.owner AND s.enabled = 1
WHERE c.resource_id IN (?1, ?2, ?3) AND c.token_hash = ?4 AND c.expires_at > ?5 LIMIT 200

-- columns: listening = id, resource_id, expires_at
-- name: signed_channel_get
SELECT {listening} FROM channel
WHERE connection_id = ?1 AND owner = ?2 AND token_hash = ?3 LIMIT 1

-- name: signed_channel_put
INSERT INTO channel (id, owner, connection_id, token_hash, resource_id, expires_at, created_at)
SELECT CAST(?1 AS TEXT), c.owner, c.id, CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS BIGINT),
	CAST(?7 AS BIGINT)
FROM connection c WHERE c.id = ?3 AND c.owner = ?2 AND c.removed_at IS NULL
ON CONFLICT (id) DO UPDATE SET resource_id = excluded.resource_id, expires_at = excluded.expires_at

-- name: signed_channel_drop
DELETE FROM channel WHERE connection_id = ?1 AND owner = ?2 AND token_hash = ?3

-- name: signed_channels_drop
-- system: nobody is told any more by what is forgotten
DELETE FROM channel WHERE token_hash = ?1

-- Whether a run is to come that looks at it anyway, or that has no room for it among what it looks
-- at by itself.
-- name: mention_waits
SELECT 1 FROM mention t JOIN schedule s ON s.connection_id = t.connection_id AND s.owner = t.owner
WHERE t.connection_id = ?1 AND t.owner = ?2 AND (t.item = ?3 OR t.item = '' AND ?5
		<= (SELECT COUNT(*) FROM mention m WHERE m.connection_id = ?1 AND m.owner = ?2))
	AND t.gone >= ?4 AND t.asked > s.served LIMIT 1

-- name: mention_count
SELECT COUNT(*) FROM mention WHERE connection_id = ?1 AND owner = ?2

-- name: mention_put
INSERT INTO mention (connection_id, owner, item, gone, asked)
SELECT s.connection_id, s.owner, CAST(?3 AS TEXT), CAST(?4 AS INTEGER), s.asked
FROM schedule s WHERE s.connection_id = ?1 AND s.owner = ?2
ON CONFLICT (connection_id, item) DO UPDATE SET asked = excluded.asked,
	gone = CASE WHEN mention.gone > excluded.gone THEN mention.gone ELSE excluded.gone END

-- columns: mentioned = t.item, t.gone
-- name: mention_list
SELECT {mentioned} FROM mention t JOIN schedule s ON s.connection_id = t.connection_id
	AND s.owner = t.owner
WHERE t.connection_id = ?1 AND t.owner = ?2 AND t.asked <= s.served ORDER BY t.item LIMIT 200

-- name: mention_served
DELETE FROM mention WHERE connection_id = ?1 AND owner = ?2
	AND asked <= (SELECT s.served FROM schedule s WHERE s.connection_id = ?1 AND s.owner = ?2)
