/*
 * state.c - see state.h.
 */
#include "app/state.h"

const struct conn_state conn_states[STATE__MAX] = {
	[STATE_ATTENTION] = {
	    .word = "attention",
	    .text = "Needs attention",
	    .kind = "error",
	    .connector = "ERROR",
	},
	[STATE_SYNCING] = {
	    .word = "syncing",
	    .text = "Syncing",
	    .kind = "busy",
	    .connector = "SYNCING",
	},
	[STATE_RETRYING] = {
	    .word = "retrying",
	    .text = "Error (retrying)",
	    .kind = "warning",
	    .connector = "ERROR",
	},
	[STATE_ACTIVE] = {
	    .word = "active",
	    .text = "Active",
	    .kind = "ok",
	    .connector = "ACTIVE",
	},
	[STATE_MANUAL] = {
	    .word = "manual",
	    .text = "Manual",
	    .kind = "neutral",
	    .connector = "PAUSED",
	},
};

enum state
conn_state_of(enum health health, bool enabled, bool active)
{
	if (active)
		return STATE_SYNCING;
	if (health == HEALTH_ATTENTION)
		return STATE_ATTENTION;
	if (health == HEALTH_RETRYING)
		return STATE_RETRYING;
	return enabled ? STATE_ACTIVE : STATE_MANUAL;
}

const struct conn_state *
conn_state(const struct conn *c, bool active)
{
	const enum health health = c->held ? HEALTH_ATTENTION : c->sched.health;

	return &conn_states[conn_state_of(health, c->sched.enabled, active)];
}

int64_t
conn_next_poll(const struct conn *c, bool active, int64_t now)
{
	return active && c->sched.next_poll_at <= now ? 0 : c->sched.next_poll_at;
}

const char *
conn_trouble(const struct conn *c)
{
	if (c->sched.health != HEALTH_OK)
		return c->sched.error_code;
	return c->held ? error_row(E_NEEDS_APPROVAL)->code : NULL;
}

enum rc
conn_counts(struct ctx *cx, struct db *db, const char *owner, int64_t count[STATE__MAX])
{
	struct conn_tally tally;

	memset(count, 0, STATE__MAX * sizeof *count);
	TRY(conn_tally(cx, db, owner, &tally));
	for (int h = 0; h < HEALTH__MAX; h++)
		for (int enabled = 0; enabled < 2; enabled++)
			for (int active = 0; active < 2; active++)
				count[conn_state_of((enum health)h, enabled, active)] +=
				    tally.n[h][enabled][active];
	return RC_OK;
}
