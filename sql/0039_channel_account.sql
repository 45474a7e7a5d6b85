-- A push channel is stopped by the account that opened it, also when its connection reads with another one by then.

ALTER TABLE channel ADD COLUMN account_id TEXT;

UPDATE channel SET account_id = (SELECT c.account_id FROM connection c WHERE c.id = channel.connection_id);
