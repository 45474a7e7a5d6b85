/*
 * clock.h - the only place that asks for the time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

int64_t clock_ms(void);      /* wall clock, milliseconds since 1970 UTC */
int64_t clock_mono_ms(void); /* for durations; never jumps */
void clock_sleep_ms(int64_t);
/* Tests: makes clock_ms() answer base and on from there; base 0 gives the real clock back. */
void clock_fake(int64_t base_ms);
#ifdef TIDEMARK_STEPS
/* Tests: both clocks stand still but for steps and for clock_sleep_ms(), which returns at once and
 * moves both. clock_step_to() makes the wall clock jump, also back, and leaves the other alone;
 * clock_step_by() moves both forward. clock_fake() ends it. */
void clock_step_to(int64_t wall_ms);
void clock_step_by(int64_t ms);
#endif

enum { CLOCK_TEXT = 32 };
/* RFC 3339 UTC with seconds, "2026-11-20T10:30:00Z", into out; returns out. */
const char *clock_text(int64_t ms, char out[CLOCK_TEXT]);
/* RFC 3339 with any offset and optional fraction; false when it is none or out of [1970, 9999]. */
bool clock_parse(struct str, int64_t *ms);
/* HTTP date, "Sun, 06 Nov 1994 08:49:37 GMT". */
const char *clock_http(int64_t ms, char out[CLOCK_TEXT]);

#endif
