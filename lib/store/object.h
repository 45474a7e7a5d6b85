/*
 * object.h - what a link, a conflict or a change is about: a record of a dataset, or an object of
 * the application's own, such as an event.
 */
#ifndef STORE_OBJECT_H
#define STORE_OBJECT_H

#include <stdint.h>

#define OBJECT_RECORD "record"
#define OBJECT_EVENT "event"

struct object {
	const char *kind;   /* OBJECT_... */
	int64_t dataset_no; /* of a record; else 0 */
	const char *key;    /* a record's key, else the object's id */
};

#endif
