/*
 * rand.h - the only source of random bytes: getrandom(2).
 *
 * In test builds (TIDEMARK_STEPS), and nowhere else, it can be given a seed.
 */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

enum { UUID_TEXT = 37, TOKEN_TEXT = 44 };

void rand_bytes(void *, size_t);
uint64_t rand_u64(void);
uint64_t rand_below(uint64_t n); /* uniform in [0, n); n > 0 */
/* UUIDv7: sortable by time of making; returns out */
const char *rand_uuid(char out[UUID_TEXT]);
const char *rand_token(char out[TOKEN_TEXT]); /* 256 bits, base64url, for links and API tokens */

#ifdef TIDEMARK_STEPS
/* From now on everything follows from the seed: with the same seed and the same times come the same
 * bytes and ids. Ids of one seed are unique, also when the clock goes back. */
void rand_seed(uint64_t seed);
void rand_unseed(void);
#endif

#endif
