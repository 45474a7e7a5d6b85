/*
 * rand.c - random bytes and what is made of them. A system without getrandom(2) ends the
 * process: there is no weaker source.
 */
#include "base/rand.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"

/* The last id's time, and its number within that millisecond. */
static int64_t uuid_ms;
static unsigned uuid_count;

#ifdef TIDEMARK_STEPS
static struct {
	bool on;
	uint64_t state;
} seeded;

void
rand_seed(uint64_t seed)
{
	seeded.on = true;
	seeded.state = seed;
	uuid_ms = 0;
	uuid_count = 0;
}

void
rand_unseed(void)
{
	seeded.on = false;
}

/* splitmix64 */
static uint64_t
seeded_next(void)
{
	uint64_t z = seeded.state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static void
seeded_bytes(unsigned char *p, size_t n)
{
	while (n > 0) {
		const uint64_t v = seeded_next();
		const size_t piece = n < sizeof v ? n : sizeof v;

		memcpy(p, &v, piece);
		p += piece;
		n -= piece;
	}
}
#endif

void
rand_bytes(void *out, size_t n)
{
	unsigned char *p = out;

#ifdef TIDEMARK_STEPS
	if (seeded.on) {
		seeded_bytes(p, n);
		return;
	}
#endif
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0) {
			if (errno == EINTR)
				continue;
			log_event(LOG_LEVEL_ERR, "rand.failed", "i:errno", (int64_t)errno, NULL);
			abort();
		}
		p += got;
		n -= (size_t)got;
	}
}

uint64_t
rand_u64(void)
{
	uint64_t v;

	rand_bytes(&v, sizeof v);
	return v;
}

uint64_t
rand_below(uint64_t n)
{
	uint64_t v, uneven = (UINT64_MAX % n + 1) % n;

	/* The last, incomplete round of n numbers is thrown away, or the small ones would come
	 * up more often. */
	do
		rand_bytes(&v, sizeof v);
	while (uneven && v > UINT64_MAX - uneven);
	return v % n;
}

const char *
rand_uuid(char out[UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	int64_t now = clock_ms();
	char *p = out;

	rand_bytes(b + 6, sizeof b - 6);
	/* 48 bits of milliseconds, then 12 bits that count on from a random start within one
	 * millisecond. */
	if (now > uuid_ms) {
		uuid_ms = now;
		uuid_count = ((unsigned)b[6] << 8 | b[7]) & 0x7FF;
	} else if (++uuid_count > 0xFFF) {
		uuid_ms++;
		uuid_count = 0;
	}
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(uuid_ms >> (40 - 8 * i));
	b[6] = (unsigned char)(0x70 | uuid_count >> 8);
	b[7] = (unsigned char)uuid_count;
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3F));
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[b[i] >> 4];
		*p++ = hex[b[i] & 15];
	}
	*p = '\0';
	return out;
}

const char *
rand_token(char out[TOKEN_TEXT])
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char b[33] = { 0 };
	char *p = out;

	/* 32 bytes make 43 characters; the 44th of the last group would be empty. */
	rand_bytes(b, 32);
	for (size_t i = 0; i < sizeof b; i += 3) {
		unsigned v = (unsigned)b[i] << 16 | (unsigned)b[i + 1] << 8 | b[i + 2];

		for (int shift = 18; shift >= 0 && p < out + TOKEN_TEXT - 1; shift -= 6)
			*p++ = alphabet[v >> shift & 63];
	}
	*p = '\0';
	explicit_bzero(b, sizeof b);
	return out;
}
