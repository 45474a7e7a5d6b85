/*
 * contacts.c - see contacts.h.
 */
#include "app/contacts.h"
#include "base/clock.h"
#include "base/field.h"

struct contacts_set {
	const struct caller *by;
	const json *in;
	struct auto_sync *out;
};

static enum rc
contacts_set_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct contacts_set *w = arg;
	const struct caller *by = w->by;
	const json *in = w->in;
	struct auto_sync *out = w->out;
	const char *detail = "off";

	TRY(auto_sync_get(cx, db, by->owner, out));
	out->enabled = json_flag(in, "enabled", out->enabled);
	out->interval_hours = json_num(in, "interval_hours", out->interval_hours);
	TRY(auto_sync_set(cx, db, by->owner, clock_ms(), out));
	if (out->enabled)
		detail = arena_printf(cx->a, "every %lld hours", (long long)out->interval_hours);
	return caller_audit(cx, db, by, "contacts sync set", "", detail);
}

enum rc
contacts_set(struct ctx *cx, struct db *db, const struct caller *by, const json *change,
    struct auto_sync *out)
{
	static const struct field fields[] = {
		{ .name = "enabled", .type = FIELD_BOOL },
		{
		    .name = "interval_hours",
		    .type = FIELD_INT,
		    .min = 1,
		    .max = AUTO_SYNC_HOURS_MAX,
		},
		{ .name = NULL },
	};
	json *in = json_new(cx->a), *wrong = json_list(cx->a);

	TRY(caller_need(cx, by, SCOPE_WRITE));
	field_check(cx->a, fields, "", change, &(struct field_out){ in, in, wrong });
	by->wrong->list = wrong;
	TRY(complaints_end(cx, by->wrong));

	struct contacts_set w = {
		.by = by,
		.in = in,
		.out = out,
	};

	return db_write(cx, db, contacts_set_write, &w);
}
