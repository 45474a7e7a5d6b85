/*
 * limits.h - how much of a connection may be deleted or overwritten at once, on either side, before
 * a person is asked: more than the number and more than the share. Pure.
 */
#ifndef STORE_LIMITS_H
#define STORE_LIMITS_H

#include <stdint.h>

struct conn_limits {
	int64_t percent, items; /* 0: as usual */
};
/* As usual, here and at the provider; and the largest number that can be set. */
enum { LIMIT_PERCENT = 50, LIMIT_ITEMS = 20, LIMIT_ITEMS_THERE = 10, LIMIT_ITEMS_MAX = 10000 };

#endif
