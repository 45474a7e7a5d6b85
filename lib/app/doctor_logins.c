/*
 * doctor_logins.c - see doctor_logins.h. What only a provider knows, such as which of its
 * interfaces are enabled, is told when it is asked (doctor_online).
 */
#include "app/doctor_logins.h"

#include "ask/ask.h"
#include "base/buf.h"
#include "kind/kind.h"
#include "oauth/consent.h"
#include "queue/channel.h"
#include "store/login.h"

struct finding {
	const char *detail, *advice; /* advice NULL: it is well */
};

static void
logins_add(struct arena *a, json *list, const char *name, const struct finding *f)
{
	json *o = json_new(a);

	json_set_str(o, "name", name);
	json_set_bool(o, "ok", !f->advice);
	json_set_str(o, "detail", f->detail);
	json_set_str(o, "advice", f->advice);
	json_add(list, o);
}

static bool
logins_demo(const struct oauth_provider *p)
{
	return p->demo && conf_int(CONF_DEMO);
}

/* The credentials of this installation. */
static void
logins_client(struct arena *a, const struct oauth_provider *p, struct finding *f)
{
	bool id = conf_set(p->client_id), secret = conf_set(p->client_secret);
	struct str text = str_c(conf_str(p->client_id));
	const char *console = p->console ? p->console : "where clients are made";

	*f = (struct finding){ "Client id and secret are set.", NULL };
	if (logins_demo(p))
		f->detail = arena_printf(
		    a, "A stand-in on this machine plays %s (demo).", p->title);
	else if (!id && !secret)
		f->detail = arena_printf(a, "%s is not set up%s.", p->title,
		    p->audience ? "; people can connect service accounts only" : "");
	else if (!id || !secret) {
		f->detail = arena_printf(
		    a, "%s is missing.", conf_name(id ? p->client_secret : p->client_id));
		f->advice = arena_printf(
		    a, "Set both; they stand beside each other in %s.", console);
	} else if (oauth_real(p) && p->id_ends &&
	    (!str_ends(text, p->id_ends) || memchr(text.p, ' ', text.n))) {
		f->detail = arena_printf(a, "%s does not look like a client id: those end with %s",
		    conf_name(p->client_id), p->id_ends);
		f->advice = arena_printf(a,
		    "Copy it again from %s, from a client of the type Web application.", console);
	}
}

/* Providers send people back only to https, or to this machine itself. */
static void
logins_redirect(struct arena *a, const struct oauth_provider *p, struct finding *f)
{
	static const char *const good[] = { "https://", "http://localhost", "http://127.0.0.1" };
	const char *url = consent_redirect(a, p->id);
	bool ok = !oauth_real(p);

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok = ok || str_starts(str_c(url), good[i]);
	f->detail = arena_printf(a, "%s must know this redirect address: %.300s", p->title, url);
	f->advice = ok
	    ? NULL
	    : arena_printf(a,
		  "Set APP_URL to an https:// address; %s sends nobody back to another one.",
		  p->title);
}

/* Told of by the first kind of the provider that is; false: none is. */
static bool
logins_push(struct arena *a, const struct oauth_provider *p, struct finding *f)
{
	const json *list = channel_addresses(a, p->id);
	struct buf *all = buf_in(a, 4000);

	if (json_len(list) == 0)
		return false;
	for (size_t i = 0; i < json_len(list); i++)
		buf_printf(all, "%s%s", i ? " and " : "", json_value_str(json_nth(list, i)));
	f->advice = NULL;
	if (logins_demo(p))
		f->detail = "The stand-in tells of changes at once.";
	else if (!channel_possible())
		f->detail = arena_printf(a,
		    "%s tells of changes only at an https:// APP_URL; until then it is read by "
		    "schedule.",
		    p->title);
	else if (kind_first_of(p->id)->receiver->signs)
		f->detail = arena_printf(a,
		    "%s can tell of changes at %.300s, once a subscription is made in %s.",
		    p->title, buf_c(all), kind_first_of(p->id)->receiver->setup);
	else
		f->detail = arena_printf(a,
		    "%s tells of changes at %.300s, which must be reachable from the internet.",
		    p->title, buf_c(all));
	return true;
}

/* Do grants last? */
static enum rc
logins_last(struct ctx *cx, struct db *db, const struct oauth_provider *p, struct finding *f)
{
	int64_t n;

	*f = (struct finding){ "No account lost its access a week after it was given.", NULL };
	TRY(login_week(cx, db, p->id, &n));
	if (n == 0)
		return RC_OK;
	f->detail = arena_printf(cx->a,
	    "Accounts that lost their access a week after it was given: %lld. So %s.", (long long)n,
	    p->unpublished);
	f->advice = arena_printf(
	    cx->a, "%s; then people connect their accounts again.", p->publish);
	return RC_OK;
}

static void
logins_of(struct ctx *cx, struct db *db, const struct oauth_provider *p, json *list)
{
	struct arena *a = cx->a;
	struct finding f;

	logins_client(a, p, &f);
	logins_add(a, list, p->id, &f);
	logins_redirect(a, p, &f);
	logins_add(a, list, arena_printf(a, "%s-redirect", p->id), &f);
	if (logins_push(a, p, &f))
		logins_add(a, list, arena_printf(a, "%s-push", p->id), &f);
	if (!p->unpublished)
		return;
	if (!db)
		f = (struct finding){ "This cannot be told without the database.", "" };
	else if (logins_last(cx, db, p, &f) != RC_OK)
		f = (struct finding){
			arena_printf(a, "This cannot be told: %s",
			    *cx->err.detail ? cx->err.detail : error_row(cx->err.kind)->title),
			"",
		};
	logins_add(a, list, arena_printf(a, "%s-consent", p->id), &f);
}

enum rc
doctor_logins(struct ctx *cx, struct db *db, json *list, bool *ok)
{
	const struct oauth_provider *p;
	json *rows = json_list(cx->a);

	for (size_t i = 0; (p = oauth_nth(i)); i++)
		logins_of(cx, db, p, rows);
	for (size_t i = 0; i < json_len(rows); i++) {
		*ok = *ok && json_flag(json_nth(rows, i), "ok", false);
		json_add(list, json_nth(rows, i));
	}
	return RC_OK;
}

/* A code that cannot be good: what is said about it tells whether client and secret are. */
enum rc
doctor_online(struct ctx *cx, json *list)
{
	const struct oauth_provider *p;

	for (size_t i = 0; (p = oauth_nth(i)); i++) {
		json *answer, *q = json_new(cx->a);
		struct finding f = { .advice = "Look at the network of this machine." };

		json_set_str(q, "provider", p->id);
		if (ask_worker(cx, "oauth-check", q, &answer) == RC_OK)
			f = (struct finding){ json_str(answer, "detail"),
				json_str(answer, "advice") };
		else
			f.detail = *cx->err.detail ? arena_dup(cx->a, cx->err.detail)
						   : error_row(cx->err.kind)->title;
		logins_add(cx->a, list, arena_printf(cx->a, "%s-online", p->id), &f);
	}
	return RC_OK;
}
