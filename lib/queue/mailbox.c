/*
 * mailbox.c - see mailbox.h.
 */
#include "queue/mailbox.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "store/hook.h"
#include "store/user.h"
#include "queue/lane.h"
#include "seal/secret.h"
#include "vault/vault.h"

enum { DIGEST_ROWS = 500, DIGEST_SHOWN = 20, TEXT_MAX = 64 * 1024 };

bool
mail_works(void)
{
	return conf_set(CONF_SMTP_URL) && conf_set(CONF_MAIL_FROM);
}

enum rc
mail_enqueue(struct ctx *cx, struct db *db, const char *owner, const char *to, const char *subject,
    const char *text)
{
	const int64_t now = clock_ms();
	json *body = json_new(cx->a);
	const char *delivery;
	struct vault *vault;
	struct message m;
	struct delivery_new d;
	char id[MESSAGE_ID], *sealed;

	if (!mail_works())
		return fail(cx, E_UNAVAILABLE, "No mail server is set up.");
	message_id_new(id);
	json_set_str(body, "to", to);
	json_set_str(body, "subject", subject);
	json_set_str(body, "text", text);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, secret_aad(cx->a, "message", id, "mail", owner),
	    str_c(json_text(cx->a, body)), &sealed));
	m = (struct message){ .id = id, .owner = owner, .type = "mail", .body = sealed };
	TRY(message_insert(cx, db, &m, now));
	d = (struct delivery_new){ .owner = owner, .message_id = id, .lane = LANE_ID_MAIL };
	TRY(delivery_insert(cx, db, &d, now, &delivery));
	return lane_put(cx, db, LANE_MAIL, LANE_NOBODY, LANE_ID_MAIL, now);
}

enum rc
mail_open(struct ctx *cx, const char *owner, const char *message_id, const char *sealed, json **out)
{
	struct vault *vault;
	struct str plain;

	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(
	    cx, vault, secret_aad(cx->a, "message", message_id, "mail", owner), sealed, &plain));
	*out = json_stored(cx->a, arena_dup_str(cx->a, plain));
	return *out ? RC_OK : fail(cx, E_SECRET, NULL);
}

/* *to NULL: the owner is not to be written to. */
static enum rc
address_of(struct ctx *cx, struct db *db, const char *owner, const char **to)
{
	struct user u;

	*to = NULL;
	if (!mail_works())
		return RC_OK;
	TRY(user_get(cx, db, owner, &u));
	if (u.mail_notices && u.email && !u.disabled_at)
		*to = u.email;
	return RC_OK;
}

enum rc
mail_tell(struct ctx *cx, struct db *db, const char *owner, const char *subject, const char *text)
{
	const char *to;

	TRY(address_of(cx, db, owner, &to));
	return to ? mail_enqueue(cx, db, owner, to, subject, text) : RC_OK;
}

enum rc
mail_digest_ask(struct ctx *cx, struct db *db, const struct conn *c)
{
	const char *to;

	TRY(address_of(cx, db, c->owner, &to));
	if (!to)
		return RC_OK;
	TRY(db_run(cx, db, NULL, Q_TOLD_ASK, "ss", c->id, c->owner));
	return lane_put(cx, db, LANE_DIGEST, c->owner,
	    arena_printf(cx->a, LANE_ID_DIGEST "%s", c->owner),
	    clock_ms() + DIGEST_MINUTES * MINUTE_MS);
}

/*
 * The digest.
 */

struct told {
	const char *conn, *name, *code, *detail;
	bool told_trouble, trouble;
	int64_t trouble_at;
};

struct digest {
	const char *owner;
	bool write; /* the owner is to be written to */
	int64_t now;
	int64_t next; /* when to look again; 0: not needed */
	struct told v[DIGEST_ROWS];
	size_t n;
	size_t troubles, recovered;     /* to be told now */
	const char *trouble, *recovery; /* the names of the first */
	struct buf *bad, *good;
};

static enum rc
read_waiting(struct ctx *cx, struct db *db, const char *owner, struct digest *d)
{
	enum sql q = Q_TOLD_WAITING;

	TRY(db_query(cx, db, q, "si", owner, (int64_t)DIGEST_ROWS));
	while (d->n < DIGEST_ROWS && db_next(db, q)) {
		d->v[d->n++] = (struct told){
			.conn = db_dup(cx->a, db, q, C_TOLD_CONNECTION_ID),
			.name = db_dup(cx->a, db, q, C_TOLD_NAME),
			.code = db_dup(cx->a, db, q, C_TOLD_ERROR_CODE),
			.detail = db_dup(cx->a, db, q, C_TOLD_ERROR_DETAIL),
			.told_trouble = str_is(db_str(db, q, C_TOLD_STATE), "attention"),
			.trouble = str_is(db_str(db, q, C_TOLD_HEALTH), "attention"),
			.trouble_at = db_num(db, q, C_TOLD_TROUBLE_AT),
		};
	}
	return db_done(cx, db, q);
}

static void
add_link(struct buf *b, const char *conn)
{
	if (conf_set(CONF_APP_URL))
		buf_printf(b, "  %s/connections/%s\n", conf_str(CONF_APP_URL), conn);
}

static void
add_trouble(struct digest *d, const struct told *t)
{
	const struct error_row *row = error_by_code(t->code ? t->code : "internal");

	if (d->troubles++ == 0)
		d->trouble = t->name;
	if (d->troubles > DIGEST_SHOWN)
		return;
	buf_printf(d->bad, "* %s\n  %s\n", t->name, row->title);
	if (t->detail && strcmp(t->detail, row->title))
		buf_printf(d->bad, "  %s\n", t->detail);
	buf_printf(d->bad, "  %s\n", row->advice);
	add_link(d->bad, t->conn);
}

static void
add_recovery(struct digest *d, const struct told *t)
{
	if (d->recovered++ == 0)
		d->recovery = t->name;
	if (d->recovered <= DIGEST_SHOWN)
		buf_printf(d->good, "* %s\n", t->name);
}

/* What of this connection is to be told now, later or never. */
static enum rc
digest_judge(struct ctx *cx, struct db *db, struct digest *d, const struct told *t)
{
	const bool news = d->write && t->trouble != t->told_trouble;
	const int64_t again = t->trouble_at + DAY_MS;

	if (news && t->trouble && again > d->now) {
		if (d->next == 0 || again < d->next)
			d->next = again;
		return RC_OK;
	}
	if (news && t->trouble)
		add_trouble(d, t);
	else if (news)
		add_recovery(d, t);
	return db_run(cx, db, NULL, Q_TOLD_SET, "sssii", t->conn, d->owner,
	    (news ? t->trouble : t->told_trouble) ? "attention" : "recovered",
	    news && t->trouble ? d->now : t->trouble_at, INT64_C(0));
}

static const char *
subject_of(struct arena *a, const struct digest *d)
{
	if (d->troubles > 1)
		return arena_printf(a, "Tidemark: %zu connections need attention", d->troubles);
	if (d->troubles == 1)
		return arena_printf(a, "Tidemark: %s needs attention", d->trouble);
	if (d->recovered > 1)
		return arena_printf(a, "Tidemark: %zu connections work again", d->recovered);
	return arena_printf(a, "Tidemark: %s works again", d->recovery);
}

static void
add_part(struct buf *b, const char *title, const struct buf *part, size_t n)
{
	if (n == 0)
		return;
	buf_printf(b, "%s\n\n", title);
	buf_add(b, part->p, part->n);
	if (n > DIGEST_SHOWN)
		buf_printf(b, "... and %zu more.\n", n - DIGEST_SHOWN);
	buf_ch(b, '\n');
}

enum rc
mail_digest(struct ctx *cx, struct db *db, const char *owner, int64_t now, int64_t *next)
{
	struct digest *d = arena_alloc(cx->a, sizeof *d);
	struct buf *b = buf_in(cx->a, 4 * TEXT_MAX);
	const char *to;

	*next = 0;
	d->owner = owner;
	d->now = now;
	d->bad = buf_in(cx->a, TEXT_MAX);
	d->good = buf_in(cx->a, TEXT_MAX);
	TRY(address_of(cx, db, owner, &to));
	d->write = to != NULL;
	TRY(read_waiting(cx, db, owner, d));
	for (size_t i = 0; i < d->n; i++)
		TRY(digest_judge(cx, db, d, &d->v[i]));
	*next = d->next;
	if (d->n == DIGEST_ROWS)
		*next = now + DIGEST_MINUTES * MINUTE_MS;
	if (d->troubles + d->recovered == 0)
		return RC_OK;
	add_part(b, "These connections have stopped and need your attention:", d->bad, d->troubles);
	add_part(b, "These connections work again:", d->good, d->recovered);
	buf_str(b, "You can switch these notices off in Tidemark, under Settings.\n");
	return mail_enqueue(cx, db, owner, to, subject_of(cx->a, d), buf_c(b));
}
