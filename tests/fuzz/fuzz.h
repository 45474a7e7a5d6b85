/*
 * fuzz.h - targets for a fuzzer, one row each in targets.def. A target gets any bytes and must
 * come back; what must hold it checks with must().
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

#define FUZZ(name) void fuzz_##name(struct ctx *, struct str);
#include "fuzz/targets.def"
#undef FUZZ

#define must(condition) \
	do { \
		if (!(condition)) { \
			fprintf( \
			    stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* Takes one byte off the input, to choose between settings; 0 when it is empty. */
static inline unsigned
fuzz_byte(struct str *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return (unsigned char)*in->p++;
}

#endif
