/*
 * fake_control.c - what tests ask of the stand-in: POST /fake/control, a JSON object of commands, carried out in the order of the table below. GET
 * tells what happened so far.
 *
 *   {"reset": true}                              calls, quotas and faults are forgotten; files and grants stay
 *   {"clock": {"advance_ms": n}}                 the stand-in's clock goes ahead: tokens, codes, channels and quotas grow old
 *   {"latency_ms": n}                            every answer comes this much later; they do not hold each other up
 *   {"faults": [{"kind", "method", "path", "count", "skip", "delay_ms", "retry_after"}]}     see fake_fault.c; [] removes all
 *   {"quota": {"sheets.read": {"user": n, "project": n}, "sheets.write": ..., "drive": ...}} a minute; 0: none
 *   {"client": {"id", "secret", "redirects": [...], "testing": bool, "rotate": bool}}
 *   {"account": {"email", "name"}}
 *   {"service_account": "address"}               replies with a key file
 *   {"token": {"value", "email", "scope"}}       an access token of this text
 *   {"expire": "access" | "refresh" | "all", "email": "..."}     of one account or of all
 *   {"file": {"id", "name", "owner", "locale", "zone", "picked", "tabs": [{"title", "rows", "cols", "hidden", "chart", "values": [[...]], "generate": {"rows", "cols"}}]}}
 *   {"share": {"file", "email", "role"}}         role null: no longer
 *   {"trash": id} {"untrash": id} {"delete": id} {"pick": id}
 *   {"edit": {"file", "range", "values", "raw": bool}} or {"edit": {"file", "clear": range}} or {"edit": {"file", "requests": [...]}}     another person edits
 *   {"push": {"origin", "delay_ms", "watch_delay_ms", "drop": n, "duplicate": n, "refuse": bool}}
 *   {"notify": {"file", "state", "changed"}}     without a change
 */
#include "fake/world.h"

#include <string.h>

static const struct { const char *name; enum quota_id id; } quota_names[] = {
	{ "sheets.read", QUOTA_SHEETS_READ }, { "sheets.write", QUOTA_SHEETS_WRITE }, { "drive", QUOTA_DRIVE }
};

static const char *
kept(struct call *c, const json *j, const char *name, const char *old)
{
	return json_str(j, name) ? arena_dup(c->f->a, json_str(j, name)) : old;
}

static struct file *
file_named(struct call *c, const char *id)
{
	struct file *file = world_file(c->f, id);

	if (!file)
		refuse_argument(c, "There is no file %s.", id ? id : "(none)");
	return file;
}

static struct account *
account_named(struct call *c, const char *email)
{
	struct account *who = email ? account_by(c->f, email) : c->f->accounts;

	/* Unless one is named, the oldest person. */
	while (!email && who && who->service)
		who = who->next;
	if (!who)
		refuse_argument(c, "There is no account %s.", email ? email : "at all");
	return who;
}

static void
do_reset(struct call *c, const json *j, json *out)
{
	(void)out;
	if (!json_value_bool(j))
		return;
	c->f->faults = NULL;
	c->f->nlog = 0;
	for (size_t i = 0; i < QUOTA__MAX; i++)
		c->f->quota[i] = (struct quota){ .per_user = c->f->quota[i].per_user, .per_project = c->f->quota[i].per_project };
}

static void
do_clock(struct call *c, const json *j, json *out)
{
	c->f->skew_ms += json_num(j, "advance_ms", 0);
	json_set_i64(out, "now_ms", fake_now(c->f));
}

static void
do_latency(struct call *c, const json *j, json *out)
{
	(void)out;
	c->f->latency_ms = json_value_i64(j);
}

static void
do_faults(struct call *c, const json *j, json *out)
{
	(void)out;
	if (json_len(j) == 0)
		c->f->faults = NULL;
	for (size_t i = 0; i < json_len(j) && !c->refused; i++) {
		const char *wrong = fault_add(c->f, json_nth(j, i));

		if (wrong)
			refuse_argument(c, "%s", wrong);
	}
}

static void
do_quota(struct call *c, const json *j, json *out)
{
	(void)out;
	for (size_t i = 0; i < sizeof quota_names / sizeof *quota_names; i++) {
		const json *one = json_at(j, quota_names[i].name);
		struct quota *q = &c->f->quota[quota_names[i].id];

		q->per_user = json_num(one, "user", q->per_user);
		q->per_project = json_num(one, "project", q->per_project);
	}
}

static void
do_client(struct call *c, const json *j, json *out)
{
	struct client *client = client_add(c->f, json_str(j, "id") ? json_str(j, "id") : "client", "secret");
	const json *redirects = json_at(j, "redirects");

	(void)out;
	client->secret = kept(c, j, "secret", client->secret);
	client->testing = json_flag(j, "testing", client->testing);
	client->rotate = json_flag(j, "rotate", client->rotate);
	if (json_is_list(redirects)) {
		client->redirects = json_list(c->f->a);
		for (size_t i = 0; i < json_len(redirects); i++)
			json_add_str(client->redirects, json_value_str(json_nth(redirects, i)));
	}
}

static void
do_account(struct call *c, const json *j, json *out)
{
	struct account *who;

	if (!json_str(j, "email")) {
		refuse_argument(c, "An account needs an email.");
		return;
	}
	who = account_add(c->f, json_str(j, "email"), json_str(j, "name") ? json_str(j, "name") : json_str(j, "email"));
	json_set_str(out, "sub", who->sub);
}

static void
do_service(struct call *c, const json *j, json *out)
{
	json_set(out, "service_account", service_key(c->f, c->a, json_value_str(j)));
}

static void
do_make_token(struct call *c, const json *j, json *out)
{
	struct account *who = account_named(c, json_str(j, "email"));
	unsigned scopes = ~0U;
	struct token *t;

	if (!who)
		return;
	if (json_str(j, "scope") && !fake_scopes_parse(json_str(j, "scope"), &scopes)) {
		refuse_argument(c, "There is no such scope.");
		return;
	}
	t = token_add(c->f, TOKEN_ACCESS, client_by(c->f, "client"), who, scopes, 0);
	t->text = kept(c, j, "value", t->text);
	json_set_str(out, "token", t->text);
}

static void
do_expire(struct call *c, const json *j, json *out)
{
	const char *which = json_value_str(j) ? json_value_str(j) : "", *email = json_str(c->body, "email");

	(void)out;
	for (struct token *t = c->f->tokens; t; t = t->next)
		if ((strcmp(which, "all") == 0 || strcmp(which, t->kind == TOKEN_ACCESS ? "access" : t->kind == TOKEN_REFRESH ? "refresh" : "code") == 0) &&
		    (!email || strcmp(t->who->email, email) == 0))
			t->dead = true;
}

static void
fill_tab(struct call *c, struct file *file, const json *j)
{
	const json *gen = json_at(j, "generate"), *values = json_at(j, "values");
	struct tab *t = tab_add(c->f, file, json_str(j, "title") ? json_str(j, "title") : "Sheet1", json_num(j, "rows", 1000), json_num(j, "cols", 26));

	t->hidden = json_flag(j, "hidden", false);
	t->type = json_flag(j, "chart", false) ? TAB_OBJECT : TAB_GRID;
	if (gen)
		tab_generate(c->f, t, json_num(gen, "rows", 1000), json_num(gen, "cols", 10));
	for (size_t r = 0; r < json_len(values); r++)
		for (size_t k = 0; k < json_len(json_nth(values, r)); k++)
			if (!json_is_null(json_nth(json_nth(values, r), k)))
				cell_set_json(c->f, cell_make(c->f, t, (int64_t)r, (int64_t)k), json_nth(json_nth(values, r), k), true, file->locale);
}

static void
do_file(struct call *c, const json *j, json *out)
{
	struct account *owner = account_named(c, json_str(j, "owner"));
	const json *tabs = json_at(j, "tabs");
	struct file *file;

	if (!owner)
		return;
	if (json_str(j, "id") && world_file(c->f, json_str(j, "id"))) {
		refuse_argument(c, "There is a file %s already.", json_str(j, "id"));
		return;
	}
	file = file_add(c->f, owner, json_str(j, "name") ? json_str(j, "name") : "Untitled", json_str(j, "id"));
	file->locale = kept(c, j, "locale", file->locale);
	file->zone = kept(c, j, "zone", file->zone);
	file->picked = json_flag(j, "picked", false);
	for (size_t i = 0; i < json_len(tabs); i++)
		fill_tab(c, file, json_nth(tabs, i));
	if (!file->tabs)
		tab_add(c->f, file, "Sheet1", 1000, 26);
	json_set_str(out, "file", file->id);
}

static void
do_share(struct call *c, const json *j, json *out)
{
	struct file *file = file_named(c, json_str(j, "file"));

	(void)out;
	if (!file || !json_str(j, "email"))
		return;
	if (json_str(j, "role"))
		json_set_str(file->shared, json_str(j, "email"), json_str(j, "role"));
	else
		json_unset(file->shared, json_str(j, "email"));
	file_touch(c->f, file, "update", "permissions");
}

static void
set_trash(struct call *c, const json *j, bool trashed)
{
	struct file *file = file_named(c, json_value_str(j));

	if (!file)
		return;
	file->trashed = trashed;
	file_touch(c->f, file, trashed ? "trash" : "untrash", NULL);
}

static void
do_trash(struct call *c, const json *j, json *out)
{
	(void)out;
	set_trash(c, j, true);
}

static void
do_untrash(struct call *c, const json *j, json *out)
{
	(void)out;
	set_trash(c, j, false);
}

static void
do_delete(struct call *c, const json *j, json *out)
{
	struct file *file = file_named(c, json_value_str(j));

	(void)out;
	if (!file)
		return;
	file->gone = true;
	file_touch(c->f, file, "remove", NULL);
}

static void
do_pick(struct call *c, const json *j, json *out)
{
	struct file *file = file_named(c, json_value_str(j));

	(void)out;
	if (file)
		file->picked = true;
}

static void
do_edit(struct call *c, const json *j, json *out)
{
	struct file *file = file_named(c, json_str(j, "file"));
	const char *clear = json_str(j, "clear"), *range = json_str(j, "range");
	json *replies = json_list(c->a);
	struct range g;
	int64_t cells;

	if (!file)
		return;
	if (range)
		values_write(c, file, range, json_at(j, "values"), !json_flag(j, "raw", false), false, &g, &cells);
	if (clear && range_parse(c, file, clear, &g))
		tab_clear(c->f, g.tab, g.r0, g.c0, g.r1, g.c1);
	if (json_at(j, "requests"))
		batch_update(c, file, json_at(j, "requests"), replies);
	if (c->refused)
		return;
	file_touch(c->f, file, "update", "content");
	json_set(out, "replies", replies);
	json_set_i64(out, "version", file->version);
}

static void
do_push(struct call *c, const json *j, json *out)
{
	struct push_way *p = &c->f->push;

	(void)out;
	p->delay_ms = json_num(j, "delay_ms", p->delay_ms);
	p->watch_delay_ms = json_num(j, "watch_delay_ms", p->watch_delay_ms);
	p->drop = json_num(j, "drop", p->drop);
	p->duplicate = json_num(j, "duplicate", p->duplicate);
	p->refuse = json_flag(j, "refuse", p->refuse);
	p->origin = kept(c, j, "origin", p->origin);
}

static void
do_notify(struct call *c, const json *j, json *out)
{
	struct file *file = file_named(c, json_str(j, "file"));

	(void)out;
	if (file)
		push_file(c->f, file, json_str(j, "state") ? json_str(j, "state") : "update", json_str(j, "changed"));
}

static const struct {
	const char *name;
	void (*run)(struct call *, const json *, json *);
} commands[] = {
	{ "reset", do_reset }, { "clock", do_clock }, { "latency_ms", do_latency }, { "faults", do_faults }, { "quota", do_quota }, { "client", do_client },
	{ "account", do_account }, { "service_account", do_service }, { "token", do_make_token }, { "expire", do_expire }, { "file", do_file }, { "share", do_share },
	{ "trash", do_trash }, { "untrash", do_untrash }, { "delete", do_delete }, { "pick", do_pick }, { "push", do_push }, { "edit", do_edit }, { "notify", do_notify }
};

static void
control(struct call *c)
{
	json *out = json_new(c->a);

	for (struct json_iter it = { 0 }; json_each(c->body, &it);) {
		bool known = strcmp(it.key, "email") == 0;

		for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
			known = known || strcmp(commands[i].name, it.key) == 0;
		if (!known) {
			refuse_argument(c, "There is no command %s.", it.key);
			return;
		}
	}
	for (size_t i = 0; i < sizeof commands / sizeof *commands && !c->refused; i++)
		if (json_at(c->body, commands[i].name))
			commands[i].run(c, json_at(c->body, commands[i].name), out);
	if (!c->refused)
		reply_json(c, 200, out);
}

/*
 * What happened.
 */
static json *
quota_json(struct call *c)
{
	json *top = json_new(c->a);

	for (size_t i = 0; i < sizeof quota_names / sizeof *quota_names; i++) {
		const struct quota *q = &c->f->quota[quota_names[i].id];
		json *j = json_new(c->a);
		int64_t user = 0, project = 0;

		for (const struct meter *m = q->users; m; m = m->next)
			user = m->most > user ? m->most : user;
		for (const struct meter *m = q->projects; m; m = m->next)
			project = m->most > project ? m->most : project;
		json_set_i64(j, "calls", q->calls);
		json_set_i64(j, "refused", q->refused);
		json_set_i64(j, "most_user", user);
		json_set_i64(j, "most_project", project);
		json_set(top, quota_names[i].name, j);
	}
	return top;
}

static void
report(struct call *c)
{
	json *top = json_new(c->a), *log = json_list(c->a), *files = json_list(c->a), *push = json_new(c->a), *channels = json_list(c->a);
	const struct fake *f = c->f;

	for (size_t i = f->nlog > LOG_KEPT ? f->nlog - LOG_KEPT : 0; i < f->nlog; i++) {
		const struct entry *e = &f->log[i % LOG_KEPT];
		json *j = json_new(c->a);

		json_set_i64(j, "at_ms", e->at);
		json_set_str(j, "method", e->method);
		json_set_str(j, "path", e->path);
		json_set_i64(j, "status", e->status);
		json_set_str(j, "who", e->who);
		json_set_str(j, "fault", e->fault);
		json_add(log, j);
	}
	for (const struct file *file = f->files; file; file = file->next) {
		json *j = json_new(c->a);

		if (file->gone)
			continue;
		json_set_str(j, "id", file->id);
		json_set_str(j, "name", file->name);
		json_set_str(j, "owner", file->owner->email);
		json_set_i64(j, "version", file->version);
		json_add(files, j);
	}
	for (const struct channel *ch = f->channels; ch; ch = ch->next) {
		json *j = json_new(c->a);

		json_set_str(j, "id", ch->id);
		json_set_str(j, "file", ch->file->id);
		json_set_str(j, "address", ch->address);
		json_set_str(j, "token", ch->token);
		json_set_str(j, "resource", ch->resource);
		json_set_bool(j, "open", !ch->stopped && ch->ends > fake_now(f));
		json_add(channels, j);
	}
	json_set_i64(push, "sent", f->push.sent);
	json_set_i64(push, "delivered", f->push.delivered);
	json_set_i64(push, "failed", f->push.failed);
	json_set_i64(top, "calls", (int64_t)f->nlog);
	json_set(top, "log", log);
	json_set(top, "quota", quota_json(c));
	json_set(top, "push", push);
	json_set(top, "channels", channels);
	json_set(top, "files", files);
	reply_json(c, 200, top);
}

static const struct fake_param no_query[] = { { .name = NULL } };

const struct fake_route fake_control_routes[] = {
	{ "POST", "/fake/control", "control", STYLE_OWN, .query = no_query, .body = fake_anything, .handle = control },
	{ "GET", "/fake/control", "control.report", STYLE_OWN, .query = no_query, .handle = report },
	{ .path = NULL }
};
