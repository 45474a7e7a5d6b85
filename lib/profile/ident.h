/*
 * ident.h - what people can be found by, in order. Pure.
 */
#ifndef PROFILE_IDENT_H
#define PROFILE_IDENT_H

#include "store/person.h"

/* For qsort() of struct ident: by kind, then by value. */
int ident_order(const void *, const void *);

#endif
