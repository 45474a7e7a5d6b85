-- A lane is of a kind (lib/queue/lanes.def), with places of its own, and belongs to somebody: among those who wait for a kind, turns are taken.
ALTER TABLE lane ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook';
ALTER TABLE lane ADD COLUMN owner TEXT NOT NULL DEFAULT '-';   -- '-': nobody's
UPDATE lane SET kind = 'mail' WHERE id = 'mail';
UPDATE lane SET kind = 'digest', owner = substr(id, 8) WHERE id >= 'digest|' AND id < 'digest}';
UPDATE lane SET kind = 'channel', owner = substr(id, 7, 36) WHERE id >= 'watch|' AND id < 'watch}';
UPDATE lane SET owner = COALESCE((SELECT w.owner FROM webhook w WHERE w.id = lane.id), '-') WHERE kind = 'webhook';

-- Whose turn it was last.
CREATE TABLE lane_turn (
	kind   TEXT PRIMARY KEY,
	served TEXT NOT NULL                       -- an owner
) STRICT;

DROP INDEX lane_well;
DROP INDEX lane_failing;
CREATE INDEX lane_due ON lane (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lane_well ON lane (kind, due_at) WHERE failures = 0;
CREATE INDEX lane_failing ON lane (kind, due_at) WHERE failures > 0;
CREATE INDEX lane_busy ON lane (kind, owner) WHERE pid <> 0;
