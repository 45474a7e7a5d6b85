/* What libFuzzer calls; FUZZ_TARGET is the function of the target. */
#include "fuzz/fuzz.h"

enum { INPUT_MAX = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
	struct ctx cx = { .a = arena_new("fuzz", (size_t)256 << 20, 0) };

	if (n <= INPUT_MAX)
		FUZZ_TARGET(&cx, (struct str){ n > 0 ? (const char *)bytes : "", n });
	arena_free(cx.a);
	return 0;
}
