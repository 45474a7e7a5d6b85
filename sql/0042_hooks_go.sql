-- A webhook that is removed goes page by page, for it may have had many messages: from then on nobody sees it, and nothing is sent.

ALTER TABLE webhook ADD COLUMN doomed_at INTEGER;
