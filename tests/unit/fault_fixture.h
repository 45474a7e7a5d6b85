/*
 * fault_fixture.h - what a verb does when the database fails under it. Included last: from there on
 * assert_ok(call) is called again and again, and at the n-th time its n-th statement fails, or its
 * commit, until one call meets no failure. Each that met one says so, and not as a mistake of its
 * caller's, and leaves nothing behind; or it has done all of it, as the test goes on to find. The
 * call is evaluated many times: its arguments have no side effects.
 *
 * ok_once(call): no failure; for what counts how often it is tried.
 */
#ifndef UNIT_FAULT_FIXTURE_H
#define UNIT_FAULT_FIXTURE_H

#include "unit/fault_point.h"

/* True: it went through without a failure. */
static inline bool
fault_ends(enum rc rc, const char *call, int n, bool saved)
{
	fault_end();
	if (!fault_met) {
		assert_ok(rc);
		return true;
	}
	if (rc == RC_OK && !saved)
		flunk("%s says nothing of its failure %d, of %s", call, n, fault_met);
	if (rc == RC_OK)
		return true;
	if (cx.err.kind == E_INPUT || cx.err.kind == E_NOT_FOUND)
		flunk(
		    "%s takes its failure %d, of %s, for the caller's mistake", call, n, fault_met);
	if (saved)
		flunk("%s fails at %d, of %s, and has saved something", call, n, fault_met);
	cx.err = (struct err){ 0 };
	assert_in_range(n, 1, FAULTS_MAX);
	return false;
}

/* Another number when somebody else has committed since the handle was opened. */
static inline int64_t
fault_version(sqlite3 *h)
{
	return ask_handle(h, "PRAGMA data_version");
}

static inline void
ok_once(enum rc rc)
{
	assert_ok(rc);
}

#define assert_ok(call) \
	do { \
		sqlite3 *fault_h_ = raw_open(); \
		bool fault_over_ = false; \
		for (int fault_n_ = 1; !fault_over_; fault_n_++) { \
			int64_t fault_v_ = fault_version(fault_h_); \
			enum rc fault_rc_; \
			fault_begin(db, fault_n_, 0); \
			fault_rc_ = (call); \
			fault_over_ = fault_ends( \
			    fault_rc_, #call, fault_n_, fault_version(fault_h_) != fault_v_); \
		} \
		sqlite3_close(fault_h_); \
	} while (0)

#endif
