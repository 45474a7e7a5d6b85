/*
 * place.c - what people know a service by (kind.h).
 */
#include "kind/kind.h"

const char *
kind_place(const char *id, const char *otherwise)
{
	const struct kind *k = kind_find(id);

	return k && k->account ? k->title : otherwise;
}
