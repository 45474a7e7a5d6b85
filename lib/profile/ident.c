/*
 * ident.c - see ident.h.
 */
#include "profile/ident.h"

int
ident_order(const void *x, const void *y)
{
	const struct ident *a = x, *b = y;
	const int order = (a->kind > b->kind) - (a->kind < b->kind);

	return order ? order : str_order(a->value, b->value);
}
