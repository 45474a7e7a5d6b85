/*
 * find.c - a kind by its id: a file of its own, so that a test may have kinds that nobody else has.
 */
#include "kind/kind.h"

const struct kind *
kind_find(const char *id)
{
	const struct kind *k = NULL;

	for (size_t i = 0; id && (k = kind_nth(i)) && strcmp(k->id, id) != 0;)
		i++;
	return id ? k : NULL;
}
