/*
 * state.h - one word for how a connection is doing, the same on pages, in the interface, in the
 * command and in the metrics. Pure.
 */
#ifndef APP_STATE_H
#define APP_STATE_H

#include "store/conn.h"

struct conn_state {
	const char *word;      /* "syncing" "attention" "retrying" "manual" "active" */
	const char *text;      /* for people */
	const char *kind;      /* the look of its badge */
	const char *connector; /* the word of the connectors interface */
};
/* active: a run of it waits or works. */
const struct conn_state *conn_state(enum health, bool enabled, bool active);

#endif
