/*
 * young.h - what a full read may lack although it is there, for the list that tells of it lags.
 */
#ifndef SYNC_READ_YOUNG_H
#define SYNC_READ_YOUNG_H

#include "provider/provider.h"
#include "store/conn.h"

/* For source.young; NULL: its lists do not lag. Borrows all of it. */
const struct young *
young_of(struct arena *, struct db *, const struct provider *, const struct conn *);

#endif
