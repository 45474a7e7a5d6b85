/*
 * doctor.c - see doctor.h.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/mark.h"
#include "base/proc.h"
#include "net/reach.h"
#include "profile/phone.h"
#include "store/user.h"
#include "app/doctor.h"
#include "app/doctor_logins.h"
#include "queue/pulse.h"
#include "queue/queue.h"
#include "vault/vault.h"

enum { BEAT_LATE_MS = 180 * 1000, SPACE_MB = 200, UNUSED_BYTES = 64 << 20, SECRET_MIN = 16 };
/* Twice what lib/db leaves of the log when it begins anew. */
enum { LOG_BYTES = 128 << 20 };

/* This program is younger than the one and will not see the other: 2025 and 2100. */
#define CLOCK_OLDEST INT64_C(1735689600000)
#define CLOCK_NEWEST INT64_C(4102444800000)

struct verdict {
	bool ok;
	const char *detail, *advice;
};

/* Why there is no database: what its opening has said. */
static const char *
doctor_unopened(const struct ctx *cx)
{
	if (*cx->err.detail)
		return arena_dup(cx->a, cx->err.detail);
	return cx->err.kind ? error_row(cx->err.kind)->title : "The database cannot be opened.";
}

static enum rc
check_schema(struct ctx *cx, struct db *db, struct verdict *out)
{
	const int version = db ? db_schema_version(db) : 0;

	out->advice = "Run: tidemark migrate";
	if (!db) {
		out->detail = doctor_unopened(cx);
		if (cx->err.kind != E_NONE && cx->err.kind != E_SCHEMA)
			out->advice = error_row(cx->err.kind)->advice;
		return RC_OK;
	}
	if (version > db_schema_wanted())
		out->advice = error_row(E_NEWER)->advice;
	out->ok = version == db_schema_wanted();
	out->detail = arena_printf(
	    cx->a, "The database is at version %d of %d.", version, db_schema_wanted());
	return RC_OK;
}

static enum rc
check_storage(struct ctx *cx, struct db *db, struct verdict *out)
{
	const char *unopened = doctor_unopened(cx);

	out->ok = db && db_probe(cx, db) == RC_OK;
	out->advice = error_row(E_DAMAGED)->advice;
	if (out->ok)
		out->detail = "The database can be read and written.";
	else if (!db) {
		out->detail = unopened;
		if (cx->err.kind != E_NONE)
			out->advice = error_row(cx->err.kind)->advice;
	} else {
		out->detail = *cx->err.detail ? arena_dup(cx->a, cx->err.detail)
					      : error_row(cx->err.kind)->title;
		out->advice = error_row(cx->err.kind)->advice;
	}
	return RC_OK;
}

static enum rc
check_integrity(struct ctx *cx, struct db *db, struct verdict *out)
{
	const char *text;

	TRY(db_integrity(cx, db, &text));
	out->ok = !strcmp(text, "ok");
	if (out->ok)
		db_forget_damage(cx->a);
	out->detail = out->ok ? "The database file is sound." : "The database file is damaged.";
	out->advice = "Stop Tidemark and put the last backup in its place.";
	return RC_OK;
}

static enum rc
check_heartbeat(struct ctx *cx, struct db *db, struct verdict *out)
{
	int64_t at, now = clock_ms();

	TRY(queue_last_beat(cx, db, &at));
	out->ok = at && now - at < BEAT_LATE_MS;
	out->detail = "tidemark-tick has never run.";
	if (at)
		out->detail = arena_printf(cx->a, "tidemark-tick last ran %lld seconds ago.",
		    (long long)(now > at ? (now - at) / SECOND_MS : 0));
	out->advice =
	    "Start it every minute by cron or the systemd timer, or run: tidemark-tick --loop 60";
	return RC_OK;
}

/* Against the calendar, and against what was written with this clock before. */
static enum rc
check_clock(struct ctx *cx, struct db *db, struct verdict *out)
{
	int64_t at = 0, now = clock_ms(), sure = 0;
	char text[CLOCK_TEXT];

	if (db) {
		TRY(queue_last_beat(cx, db, &at));
		TRY(queue_trusted_now(cx, db, now, &sure));
	}
	out->ok = now > CLOCK_OLDEST && now < CLOCK_NEWEST && at <= now + MINUTE_MS;
	out->detail = arena_printf(cx->a,
	    at > now + MINUTE_MS ? "The clock says %s, but it has been later than that."
				 : "The clock says %s.",
	    clock_text(now, text));
	if (sure && now - sure > DAY_MS)
		out->detail = arena_printf(cx->a,
		    "%s It has jumped ahead: for now, old data is kept %lld days longer.",
		    out->detail, (long long)((now - sure) / DAY_MS));
	out->advice = "Set the clock; an NTP client keeps it right.";
	return RC_OK;
}

static enum rc
check_space(struct ctx *cx, struct db *db, struct verdict *out)
{
	struct statvfs fs;
	int64_t mb;

	(void)db;
	if (statvfs(conf_str(CONF_HOME), &fs)) {
		*out = (struct verdict){ false, "The state directory cannot be read.",
			"Check TIDEMARK_HOME and its owner." };
		return RC_OK;
	}
	mb = (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize / (1024 * 1024));
	out->ok = mb >= SPACE_MB;
	out->detail = arena_printf(cx->a, "%lld MB are free where the data lies.", (long long)mb);
	out->advice = "Free some space, or move TIDEMARK_HOME to a larger disk.";
	return RC_OK;
}

/* Only a file of an earlier version cannot be shortened bit by bit. */
static enum rc
check_unused(struct ctx *cx, struct db *db, struct verdict *out)
{
	struct db_space s;

	TRY(db_space(cx, db, &s));
	out->ok = s.gives || s.unused < UNUSED_BYTES || s.unused < s.bytes / 2;
	out->detail = arena_printf(cx->a, "The database takes %lld MB; %lld MB of them are unused.",
	    (long long)(s.bytes >> 20), (long long)(s.unused >> 20));
	out->advice = "To give them back, run: tidemark compact";
	return RC_OK;
}

/* It begins anew when nobody reads what was before it. */
static enum rc
check_log(struct ctx *cx, struct db *db, struct verdict *out)
{
	struct db_space s;

	TRY(db_space(cx, db, &s));
	out->ok = s.log <= LOG_BYTES;
	out->detail = arena_printf(cx->a,
	    out->ok ? "The log of the database takes %lld MB."
		    : "The log of the database has grown to %lld MB: somebody reads the database, "
		      "or has read it, for very long without an end.",
	    (long long)(s.log >> 20));
	out->advice = "End what has the database open besides Tidemark, such as a shell of sqlite3 "
		      "or a report (fuser tidemark.db names it); the next sync shortens the log.";
	return RC_OK;
}

static enum rc
check_key(struct ctx *cx, struct db *db, struct verdict *out)
{
	struct ctx own = { .a = arena_new("doctor key", 1024 * 1024, ARENA_WIPE) };
	struct vault *vault;

	(void)db;
	out->ok = vault_open(&own, false, &vault) == RC_OK;
	out->detail = out->ok
	    ? "The key file can be used."
	    : arena_printf(cx->a, "The key file cannot be used. %s", own.err.detail);
	out->advice = "Put the right key file back, mode 0600, owned by Tidemark's user.";
	arena_free(own.a);
	return RC_OK;
}

/* A file of ours: for its owner alone, and the owner is Tidemark's user. */
static bool
doctor_private(const char *path, mode_t others)
{
	struct stat st;

	return stat(path, &st) != 0 ||
	    ((st.st_mode & others) == 0 && (st.st_uid == geteuid() || st.st_uid == 0));
}

/* Names only: the answer is shown in the page, and paths are not. */
static enum rc
check_modes(struct ctx *cx, struct db *db, struct verdict *out)
{
	static const char *const files[] = { "", "tidemark.db", "tidemark.db-wal",
		"tidemark.db-shm", "master.key", "spool", "run", "tick.lock", "requests.count",
		"wake", "reserve", STREAM_MARK };
	struct buf *open = buf_in(cx->a, 512);
	const char *path, *dir;

	(void)db;
	TRY(db_place(cx, cx->a, &path, &dir));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (!doctor_private(conf_path(cx->a, files[i]), 077))
			buf_printf(open, "%s%s", open->n ? ", " : "",
			    *files[i] ? files[i] : "the state directory");
	if (conf_set(CONF_DATABASE_URL) &&
	    !(doctor_private(path, 077) &&
		doctor_private(arena_printf(cx->a, "%s-wal", path), 077) &&
		doctor_private(dir, 022)))
		buf_printf(open, "%sthe database", open->n ? ", " : "");
	/* systemd gives its file to the group that runs the service. */
	if (conf_file() && !doctor_private(conf_file(), conf_file_secret() ? 027 : 022))
		buf_printf(open, "%sthe configuration file", open->n ? ", " : "");
	out->ok = open->n == 0;
	out->detail = out->ok ? "Only Tidemark's user can reach its files."
			      : arena_printf(cx->a, "Others can reach: %s.", buf_c(open));
	out->advice =
	    "Give Tidemark's user these files, directories mode 0700 and files mode 0600; a "
	    "configuration file with secrets 0640 at most.";
	return RC_OK;
}

static enum rc
check_confinement(struct ctx *cx, struct db *db, struct verdict *out)
{
	struct confine_kernel k = confine_kernel();
	const char *missing = k.landlock ? "seccomp" : "Landlock";

	(void)db;
	if (!k.landlock && !k.seccomp)
		missing = "Landlock and no seccomp";
	out->ok = k.landlock && k.seccomp;
	out->detail = out->ok
	    ? arena_printf(cx->a, "Processes give up what they do not need (Landlock %d, seccomp).",
		  k.landlock)
	    : arena_printf(cx->a,
		  "This kernel has no %s: processes keep rights that they do not need.", missing);
	out->advice = "Use a kernel from 5.13 on, with landlock among its security modules "
		      "(/sys/kernel/security/lsm).";
	return RC_OK;
}

static enum rc
check_url(struct ctx *cx, struct db *db, struct verdict *out)
{
	static const char *const good[] = { "https://", "http://127.0.0.1", "http://localhost",
		"http://[::1]" };
	const char *url = conf_str(CONF_APP_URL);

	(void)db;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		out->ok = out->ok || str_starts(str_c(url), good[i]);
	out->detail = *url ? arena_printf(cx->a, "APP_URL is %.200s", url) : "APP_URL is not set.";
	out->advice = "Set APP_URL to the https:// address that people and providers use.";
	return RC_OK;
}

static enum rc
check_cron(struct ctx *cx, struct db *db, struct verdict *out)
{
	size_t n = strlen(conf_str(CONF_CRON_SECRET));

	(void)cx;
	(void)db;
	/* Without one nobody can guess it; tokens and the tick do the same work. */
	out->ok = n == 0 || n >= SECRET_MIN;
	out->detail = out->ok ? "CRON_SECRET is set." : "CRON_SECRET is short.";
	if (n == 0)
		out->detail = "CRON_SECRET is not set: POST /api/connectors/sync takes API tokens "
			      "only.";
	out->advice =
	    "Set CRON_SECRET to at least 16 random characters, for example those that this "
	    "prints: openssl rand -hex 24";
	return RC_OK;
}

static enum rc
check_mail(struct ctx *cx, struct db *db, struct verdict *out)
{
	const struct str url = str_c(conf_str(CONF_SMTP_URL));

	(void)cx;
	(void)db;
	out->ok = url.n == 0 ||
	    ((str_starts(url, "smtp://") || str_starts(url, "smtps://")) &&
		email_ok(str_c(conf_str(CONF_MAIL_FROM))));
	out->detail = out->ok ? "A mail server and a sender are set."
			      : "Mail cannot be sent as it is set up.";
	if (url.n == 0)
		out->detail = "No mail is sent: TIDEMARK_SMTP_URL is not set.";
	out->advice = "Set TIDEMARK_SMTP_URL to smtp://HOST:PORT or smtps://HOST:PORT, and "
		      "TIDEMARK_MAIL_FROM to the sender's address.";
	return RC_OK;
}

static enum rc
check_country(struct ctx *cx, struct db *db, struct verdict *out)
{
	const char *iso = conf_str(CONF_PHONE_COUNTRY);

	(void)db;
	out->ok = !*iso || phone_country(iso);
	out->detail = arena_printf(cx->a,
	    out->ok ? "Phone numbers without + are those of %.20s."
		    : "TIDEMARK_PHONE_COUNTRY is %.20s, which is no country.",
	    iso);
	if (!*iso)
		out->detail = "Phone numbers without + are compared as they are written.";
	out->advice = "Set TIDEMARK_PHONE_COUNTRY to an ISO code such as DE.";
	return RC_OK;
}

static enum rc
check_pulse(struct ctx *cx, struct db *db, struct verdict *out)
{
	const int64_t now = clock_ms();
	struct pulse_last last;

	TRY(pulse_last(cx, db, &last));
	out->ok = true;
	out->detail =
	    "No sign of life goes to an address outside: TIDEMARK_HEARTBEAT_URL is not set.";
	if (!*conf_str(CONF_HEARTBEAT_URL))
		return RC_OK;
	out->ok = !last.error;
	out->detail = "A sign of life goes to an address outside; none has been sent yet.";
	if (last.at)
		out->detail = arena_printf(cx->a,
		    "The last sign of life has arrived outside %lld seconds ago.",
		    (long long)((now - last.at) / SECOND_MS));
	if (last.error)
		out->detail = arena_printf(cx->a, "The last sign of life was not taken: %s.",
		    error_by_code(last.error) ? error_by_code(last.error)->title : last.error);
	out->advice = "Look whether TIDEMARK_HEARTBEAT_URL is right, and whether this machine may "
		      "reach it: private networks must be in TIDEMARK_ALLOW_NETS.";
	return RC_OK;
}

/* Is what was due done? The same as goes outside. */
static enum rc
check_late(struct ctx *cx, struct db *db, struct verdict *out)
{
	const char *why;

	TRY(pulse_trouble(cx, db, clock_ms(), &why));
	out->ok = !why;
	out->detail = why ? why : "What was due is done.";
	out->advice =
	    "tidemark status --due lists it. Look whether tidemark-tick runs, and whether "
	    "TIDEMARK_WORKERS are enough.";
	return RC_OK;
}

static enum rc
check_networks(struct ctx *cx, struct db *db, struct verdict *out)
{
	const char *list = conf_str(CONF_ALLOW_NETS);

	(void)db;
	out->ok = reach_check_list(cx, list) == RC_OK;
	out->detail = "Sources may not be in private networks.";
	if (!out->ok)
		out->detail = cx->err.detail;
	else if (*list)
		out->detail = arena_printf(
		    cx->a, "Sources may be in these private networks: %.300s", list);
	out->advice = "Mend TIDEMARK_ALLOW_NETS: networks or addresses, with commas between.";
	return RC_OK;
}

static enum rc
check_programs(struct ctx *cx, struct db *db, struct verdict *out)
{
	static const char *const programs[] = { "tidemark-tick", "tidemark-worker" };
	const char *missing = NULL;

	(void)db;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (access(proc_path(cx->a, programs[i]), X_OK) != 0)
			missing = programs[i];
	out->ok = !missing;
	out->detail = missing ? arena_printf(cx->a, "%s is not beside this program.", missing)
			      : "The programs stand side by side.";
	out->advice =
	    "Install Tidemark as a whole, or set TIDEMARK_BIN to the directory of its programs.";
	return RC_OK;
}

static enum rc
check_stream(struct ctx *cx, struct db *db, struct verdict *out)
{
	(void)db;
	out->ok = mark_pid(cx->a, STREAM_MARK) > 0;
	out->detail = out->ok ? "Open pages are told of syncs as they go."
			      : "tidemark-stream does not run: open pages ask every second.";
	out->advice = "Start it: systemctl enable --now tidemark-stream.service, or make run.";
	return RC_OK;
}

static const struct {
	const char *name;
	enum doctor_depth from;
	bool needs_db;
	enum rc (*check)(struct ctx *, struct db *, struct verdict *);
} checks[] = {
	{ "schema", DOCTOR_READY, false, check_schema },
	{ "tick", DOCTOR_READY, true, check_heartbeat },
	{ "database", DOCTOR_ALL, true, check_integrity },
	{ "storage", DOCTOR_READY, false, check_storage },
	{ "clock", DOCTOR_QUICK, false, check_clock },
	{ "disk", DOCTOR_QUICK, false, check_space },
	{ "unused", DOCTOR_QUICK, true, check_unused },
	{ "log", DOCTOR_QUICK, true, check_log },
	{ "key", DOCTOR_QUICK, false, check_key },
	{ "modes", DOCTOR_QUICK, false, check_modes },
	{ "confinement", DOCTOR_QUICK, false, check_confinement },
	{ "programs", DOCTOR_QUICK, false, check_programs },
	{ "stream", DOCTOR_QUICK, false, check_stream },
	{ "address", DOCTOR_QUICK, false, check_url },
	{ "cron", DOCTOR_QUICK, false, check_cron },
	{ "networks", DOCTOR_QUICK, false, check_networks },
	{ "mail", DOCTOR_QUICK, false, check_mail },
	{ "country", DOCTOR_QUICK, false, check_country },
	{ "heartbeat", DOCTOR_QUICK, true, check_pulse },
	{ "late", DOCTOR_QUICK, true, check_late },
};

enum rc
doctor_checks(struct ctx *cx, struct db *db, enum doctor_depth depth, json **out, bool *ok)
{
	*out = json_list(cx->a);
	*ok = true;
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		struct verdict a = { 0 };
		json *o;

		if (checks[i].from > depth)
			continue;
		if (checks[i].needs_db && !db)
			a = (struct verdict){ false, "This cannot be told without the database.",
				NULL };
		else if (checks[i].check(cx, db, &a) != RC_OK)
			a = (struct verdict){ false,
				arena_printf(cx->a, "This cannot be told: %s",
				    *cx->err.detail ? cx->err.detail
						    : error_row(cx->err.kind)->title),
				NULL };
		o = json_new(cx->a);
		json_set_str(o, "name", checks[i].name);
		json_set_bool(o, "ok", a.ok);
		json_set_str(o, "detail", a.detail);
		json_set_str(o, "advice", a.ok ? NULL : a.advice);
		json_add(*out, o);
		*ok = *ok && a.ok;
	}
	return db && depth >= DOCTOR_QUICK ? doctor_logins(cx, db, *out, ok) : RC_OK;
}
