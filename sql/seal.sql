-- Sealed texts, for a change of keys. Used by lib/seal/reseal.c only. A row is changed when its
-- text is still the one that was read.
-- All lists have the columns of the first: whose text, for what, the owner, the text.

-- columns: seal = connection_id AS id, purpose, owner, sealed AS text
-- name: seal_credentials
-- system: a new key is for the secrets of every owner
SELECT {seal} FROM credential WHERE (connection_id, purpose) > (?1, ?2)
ORDER BY connection_id, purpose LIMIT 100

-- name: seal_credential_put
UPDATE credential SET sealed = ?3 WHERE connection_id = ?1 AND owner = ?2 AND sealed = ?4
	AND purpose = ?5

-- name: seal_webhooks
-- system: a new key is for the secrets of every owner
SELECT id, 'secret', owner, secret FROM webhook WHERE id > ?1 ORDER BY id LIMIT 100

-- name: seal_webhook_put
UPDATE webhook SET secret = ?3 WHERE id = ?1 AND owner = ?2 AND secret = ?4

-- name: seal_webhooks_old
-- system: a new key is for the secrets of every owner
SELECT id, 'secret', owner, old_secret FROM webhook WHERE id > ?1 AND old_secret IS NOT NULL
ORDER BY id LIMIT 100

-- name: seal_webhook_old_put
UPDATE webhook SET old_secret = ?3 WHERE id = ?1 AND owner = ?2 AND old_secret = ?4

-- name: seal_mails
-- system: a new key is for the secrets of every owner
SELECT id, 'mail', owner, body FROM message WHERE id > ?1 AND type = 'mail' ORDER BY id LIMIT 100

-- name: seal_mail_put
UPDATE message SET body = ?3 WHERE id = ?1 AND owner = ?2 AND body = ?4

-- name: seal_grants
-- system: a new key is for the secrets of every owner
SELECT id, 'grant', owner, sealed FROM remote_account WHERE id > ?1 ORDER BY id LIMIT 100

-- name: seal_grant_put
UPDATE remote_account SET sealed = ?3 WHERE id = ?1 AND owner = ?2 AND sealed = ?4

-- name: seal_access
-- system: a new key is for the secrets of every owner
SELECT id, 'access', owner, access FROM remote_account WHERE id > ?1 AND access IS NOT NULL
ORDER BY id LIMIT 100

-- name: seal_access_put
UPDATE remote_account SET access = ?3 WHERE id = ?1 AND owner = ?2 AND access = ?4

-- name: seal_verifiers
-- system: a new key is for the secrets of every owner
SELECT state, 'verifier', owner, verifier FROM oauth_try WHERE state > ?1 ORDER BY state LIMIT 100

-- name: seal_verifier_put
UPDATE oauth_try SET verifier = ?3 WHERE state = ?1 AND owner = ?2 AND verifier = ?4

-- name: seal_subscriptions
-- system: a new key is for the secrets of every owner
SELECT id, 'secret', '', secret FROM subscription WHERE id > ?1 ORDER BY id LIMIT 100

-- name: seal_subscription_put
-- system: they are the installation's
UPDATE subscription SET secret = ?3 WHERE id = ?1 AND CAST(?2 AS TEXT) = '' AND secret = ?4
