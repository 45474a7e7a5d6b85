/*
 * value.h - when two JSON values are the same. Pure.
 *
 * The order of an object's members does not count, nor how a number or a text is spelled: 1 is 1.0
 * and 10e-1, however long its digits are. Text is compared byte by byte: two ways to write an
 * accented letter are two values, because a provider keeps what it is given. null is a value; it is
 * not the same as a member that is absent.
 */
#ifndef AGREE_VALUE_H
#define AGREE_VALUE_H

#include "base/json.h"

/* A member of an object: there is a difference between one that is null and one that is absent. */
struct slot {
	bool there;
	json *v; /* NULL: null */
};

/* The arena is for the texts of numbers. */
bool value_same(struct arena *, const json *, const json *);
bool slot_same(struct arena *, struct slot, struct slot);
/* obj NULL: everything is absent. */
struct slot slot_of(const json *obj, const char *key);
/* Sets the member, or takes it away. */
void slot_set(json *obj, const char *key, struct slot);

#endif
