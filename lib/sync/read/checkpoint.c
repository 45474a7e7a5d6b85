/*
 * checkpoint.c - see checkpoint.h.
 */
#include "base/clamp.h"
#include "base/clock.h"
#include "base/step.h"
#include "sync/read/checkpoint.h"

/* Raised when the working files are of another form. */
enum { FORM = 5 };

void
checkpoint_init(struct arena *a, struct checkpoint *cp, const char *boot, int64_t config_rev)
{
	*cp = (struct checkpoint){
		.boot = boot,
		.config_rev = config_rev,
		.form = FORM,
		.types = json_list(a),
		.later = { .quota = -1 },
		.set = -1,
	};
}

void
checkpoint_load(struct arena *a, struct checkpoint *cp, const char *text)
{
	json *o = json_stored(a, text), *types = json_at(o, "types");
	const char *stage = json_str(o, "stage");

	*cp = (struct checkpoint){
		.saving = stage && !strcmp(stage, "saving"),
		.boot = arena_dup(a, json_str(o, "boot")),
		.config_rev = json_num(o, "rev", -1),
		.form = json_num(o, "form", -1),
		.as_of = json_num(o, "asOf", 0),
		.began_at = json_num(o, "beganAt", 0),
		.pages = json_num(o, "pages", 0),
		.types = types ? types : json_list(a),
		.next = arena_dup(a, json_str(o, "next")),
		.validator = arena_dup(a, json_str(o, "validator")),
		.calls = json_num(o, "calls", 0),
		.later = {
			.quota = (int)clamp(json_num(o, "waitQuota", -1), -1, QUOTA__MAX),
			.at = json_num(o, "waitAt", 0),
			.times = json_num(o, "waits", 0),
		},
		.offset = json_num(o, "offset", 0),
		.set = json_num(o, "set", -1),
		.items_done = json_num(o, "itemsDone", 0),
		.added = json_num(o, "added", 0),
		.updated = json_num(o, "updated", 0),
		.deleted = json_num(o, "deleted", 0),
	};
}

bool
checkpoint_usable(const struct checkpoint *cp, const char *boot, int64_t config_rev)
{
	return cp->boot && !strcmp(cp->boot, boot) && cp->config_rev == config_rev &&
	    cp->form == FORM;
}

static const char *
checkpoint_text(struct arena *a, const struct checkpoint *cp)
{
	json *o = json_new(a);

	json_set_str(o, "stage", cp->saving ? "saving" : "downloading");
	json_set_str(o, "boot", cp->boot);
	json_set_i64(o, "rev", cp->config_rev);
	json_set_i64(o, "form", cp->form);
	json_set_i64(o, "asOf", cp->as_of);
	json_set_i64(o, "beganAt", cp->began_at);
	json_set_i64(o, "pages", cp->pages);
	json_set(o, "types", cp->types);
	json_set_str(o, "next", cp->next);
	json_set_str(o, "validator", cp->validator);
	json_set_i64(o, "calls", cp->calls);
	json_set_i64(o, "waitQuota", cp->later.quota);
	json_set_i64(o, "waitAt", cp->later.at);
	json_set_i64(o, "waits", cp->later.times);
	json_set_i64(o, "offset", cp->offset);
	json_set_i64(o, "set", cp->set);
	json_set_i64(o, "itemsDone", cp->items_done);
	json_set_i64(o, "added", cp->added);
	json_set_i64(o, "updated", cp->updated);
	json_set_i64(o, "deleted", cp->deleted);
	return json_text(a, o);
}

enum rc
checkpoint_put(struct ctx *cx, struct db *db, const struct job *job, const struct checkpoint *cp)
{
	/* it is saved with every page */
	struct arena *scratch = arena_new("checkpoint", (size_t)64 * 1024 * 1024, 0);
	int64_t changed = 0;
	enum rc rc = db_run(cx, db, &changed, Q_QUEUE_CHECKPOINT, "sis", job->run.id, job->attempt,
	    checkpoint_text(scratch, cp));

	arena_free(scratch);
	return rc == RC_OK && !changed ? fail(cx, E_LEASE, NULL) : rc;
}

struct saving {
	const struct job *job;
	const struct checkpoint *cp;
};

static enum rc
checkpoint_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct saving *s = arg;
	enum rc rc = checkpoint_put(cx, db, s->job, s->cp);

	step("checkpoint:before-commit");
	return rc;
}

enum rc
checkpoint_save(struct ctx *cx, struct db *db, const struct job *job, const struct checkpoint *cp)
{
	struct saving s = { job, cp };
	enum rc rc;

	if (!db)
		return RC_OK;
	rc = db_write_hasty(cx, db, checkpoint_write, &s);
	step("checkpoint:after-commit");
	return rc;
}

struct leaving {
	const struct job *job;
	const struct checkpoint *cp;
	const struct err *err;
};

static enum rc
leave_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct leaving *l = arg;

	TRY(checkpoint_put(cx, db, l->job, l->cp));
	return queue_leave(cx, db, l->job, clock_ms() + l->err->wait_ms, l->err->detail);
}

enum rc
checkpoint_leave(struct ctx *cx, struct db *db, const struct job *job, const struct checkpoint *cp)
{
	const struct err err = cx->err;
	struct leaving l = { job, cp, &err };
	enum rc rc = db_write(cx, db, leave_write, &l);

	step("leave:after-commit");
	return rc;
}
