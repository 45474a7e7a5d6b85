/*
 * state.c - see state.h.
 */
#include "app/state.h"

enum { SYNCING, ATTENTION, RETRYING, MANUAL, ACTIVE };

static const struct conn_state states[] = {
	[SYNCING] = {
	    .word = "syncing",
	    .text = "Syncing",
	    .kind = "busy",
	    .connector = "SYNCING",
	},
	[ATTENTION] = {
	    .word = "attention",
	    .text = "Needs attention",
	    .kind = "error",
	    .connector = "ERROR",
	},
	[RETRYING] = {
	    .word = "retrying",
	    .text = "Error (retrying)",
	    .kind = "warning",
	    .connector = "ERROR",
	},
	[MANUAL] = {
	    .word = "manual",
	    .text = "Manual",
	    .kind = "neutral",
	    .connector = "PAUSED",
	},
	[ACTIVE] = {
	    .word = "active",
	    .text = "Active",
	    .kind = "ok",
	    .connector = "ACTIVE",
	},
};

const struct conn_state *
conn_state(enum health health, bool enabled, bool active)
{
	if (active)
		return &states[SYNCING];
	if (health == HEALTH_ATTENTION)
		return &states[ATTENTION];
	if (health == HEALTH_RETRYING)
		return &states[RETRYING];
	return &states[enabled ? ACTIVE : MANUAL];
}
