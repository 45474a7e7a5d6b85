/*
 * kept.h - kept data as the interface and the pages show it.
 */
#ifndef CONN_KEPT_H
#define CONN_KEPT_H

#include "fcgi/dispatch.h"
#include "store/remains.h"

MUST enum rc kept_model(struct req *, const struct remains *, json **out);

#endif
