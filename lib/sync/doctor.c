/*
 * doctor.c - see doctor.h. Reaches nothing outside this machine.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/conf.h"
#include "sync/doctor.h"
#include "sync/queue.h"
#include "vault/vault.h"

enum { BEAT_LATE_MS = 180 * 1000, SPACE_MB = 200 };

struct answer {
	bool ok;
	const char *detail, *advice;
};

static enum rc
check_schema(struct ctx *cx, struct db *db, struct answer *out)
{
	out->ok = db_schema_version(db) == db_schema_wanted();
	out->detail = arena_printf(cx->a, "The database is at version %d of %d.", db_schema_version(db), db_schema_wanted());
	out->advice = "Run: tidemark migrate";
	return RC_OK;
}

static enum rc
check_integrity(struct ctx *cx, struct db *db, struct answer *out)
{
	const char *text;

	TRY(db_integrity(cx, db, &text));
	out->ok = !strcmp(text, "ok");
	out->detail = out->ok ? "The database file is sound." : "The database file is damaged.";
	out->advice = "Stop Tidemark and put the last backup in its place.";
	return RC_OK;
}

static enum rc
check_heartbeat(struct ctx *cx, struct db *db, struct answer *out)
{
	int64_t at, now = clock_ms();

	TRY(queue_last_beat(cx, db, &at));
	out->ok = at && now - at < BEAT_LATE_MS && at <= now + MINUTE_MS;
	out->detail = at ? arena_printf(cx->a, "tidemark-tick last ran %lld seconds ago.", (long long)((now - at) / 1000)) : "tidemark-tick has never run.";
	out->advice = "Start it every minute by cron or the systemd timer, or run: tidemark-tick --loop 60";
	return RC_OK;
}

static enum rc
check_clock(struct ctx *cx, struct db *db, struct answer *out)
{
	char text[CLOCK_TEXT];

	(void)db;
	/* The release of this program is the oldest time it can be. */
	out->ok = clock_ms() > INT64_C(1735689600000) && clock_ms() < INT64_C(4102444800000);
	out->detail = arena_printf(cx->a, "The clock says %s.", clock_text(clock_ms(), text));
	out->advice = "Set the clock; an NTP client keeps it right.";
	return RC_OK;
}

static enum rc
check_space(struct ctx *cx, struct db *db, struct answer *out)
{
	struct statvfs fs;
	int64_t mb;

	(void)db;
	if (statvfs(conf_str(CONF_HOME), &fs)) {
		*out = (struct answer){ false, "The state directory cannot be read.", "Check TIDEMARK_HOME and its owner." };
		return RC_OK;
	}
	mb = (int64_t)(fs.f_bavail * fs.f_frsize / (1024 * 1024));
	out->ok = mb >= SPACE_MB;
	out->detail = arena_printf(cx->a, "%lld MB are free where the data lies.", (long long)mb);
	out->advice = "Free some space, or move TIDEMARK_HOME to a larger disk.";
	return RC_OK;
}

static enum rc
check_key(struct ctx *cx, struct db *db, struct answer *out)
{
	struct ctx own = { .a = arena_new("doctor key", 1024 * 1024, ARENA_WIPE) };
	struct vault *vault;

	(void)db;
	out->ok = vault_open(&own, false, &vault) == RC_OK;
	out->detail = out->ok ? "The key file can be used." : arena_printf(cx->a, "The key file cannot be used. %s", own.err.detail);
	out->advice = "Put the right key file back, mode 0600, owned by Tidemark's user.";
	arena_free(own.a);
	return RC_OK;
}

static enum rc
check_modes(struct ctx *cx, struct db *db, struct answer *out)
{
	struct stat st;

	(void)db;
	out->ok = stat(conf_str(CONF_HOME), &st) == 0 && (st.st_mode & 077) == 0;
	out->detail = out->ok ? "Only Tidemark's user can enter the state directory." : "Others can enter the state directory.";
	out->advice = arena_printf(cx->a, "chmod 700 the directory that TIDEMARK_HOME names");
	return RC_OK;
}

static enum rc
check_url(struct ctx *cx, struct db *db, struct answer *out)
{
	const char *url = conf_str(CONF_APP_URL);

	(void)db;
	out->ok = !strncmp(url, "https://", 8) || !strncmp(url, "http://127.0.0.1", 16) || !strncmp(url, "http://localhost", 16);
	out->detail = *url ? arena_printf(cx->a, "APP_URL is %s", url) : "APP_URL is not set.";
	out->advice = "Set APP_URL to the https:// address that people and providers use.";
	return RC_OK;
}

static const struct {
	const char *name;
	enum rc (*check)(struct ctx *, struct db *, struct answer *);
} checks[] = {
	{ "schema", check_schema }, { "database", check_integrity }, { "tick", check_heartbeat }, { "clock", check_clock },
	{ "disk", check_space }, { "key", check_key }, { "modes", check_modes }, { "address", check_url },
};

enum rc
doctor_checks(struct ctx *cx, struct db *db, json **out)
{
	*out = json_list(cx->a);
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		struct answer a = { 0 };
		json *o = json_new(cx->a);

		TRY(checks[i].check(cx, db, &a));
		json_set_str(o, "name", checks[i].name);
		json_set_bool(o, "ok", a.ok);
		json_set_str(o, "detail", a.detail);
		json_set_str(o, "advice", a.ok ? NULL : a.advice);
		json_add(*out, o);
	}
	return RC_OK;
}
