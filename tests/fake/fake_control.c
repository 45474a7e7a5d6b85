/*
 * fake_control.c - what tests ask of the stand-in: POST /fake/control, a JSON object of commands.
 * Those of this file come first, then those of each service in the order of core/services.c, each
 * in the order of its table. GET tells what happened so far.
 *
 *   {"reset": true}              calls, quotas and faults are forgotten; files and grants stay
 *   {"clock": {"advance_ms": n}} the stand-in's clock goes ahead: tokens, codes, channels and
 *                                quotas grow old
 *   {"latency_ms": n}            every answer comes this much later; they do not hold each other up
 *   {"faults": [{"kind", "method", "path", "count", "skip", "delay_ms", "retry_after"}]}
 *                                see core/fault.c; [] removes all
 *   {"quota": {"sheets.read": {"user": n, "project": n}, "sheets.write": ..., "drive": ...}}
 *                                a minute; 0: none
 *   {"push": {"origin", "delay_ms", "watch_delay_ms", "drop": n, "duplicate": n, "refuse": bool}}
 *   {"account": {"email", "name"}}
 *
 * google/oauth_control.c:
 *   {"client": {"id", "secret", "redirects": [...], "testing": bool, "rotate": bool}}
 *   {"service_account": "address"}           replies with a key file
 *   {"token": {"value", "email", "scope"}}   an access token of this text
 *   {"expire": "access" | "refresh" | "all", "email": "..."}     of one account or of all
 *
 * google/drive_control.c, with what google/sheets_book.c makes of it:
 *   {"file": {"id", "name", "owner", "locale", "zone", "picked", "tabs": [{"title", "rows", "cols",
 *       "hidden", "chart", "values": [[...]], "generate": {"rows", "cols"}}]}}
 *   {"share": {"file", "email", "role"}}     role null: no longer
 *   {"trash": id} {"untrash": id} {"delete": id} {"pick": id}
 *   {"edit": {"file", "range", "values", "raw": bool}}           another person edits
 *   {"edit": {"file", "clear": range}} {"edit": {"file", "requests": [...]}}
 *
 * google/calendar_control.c; a calendar is named by its id, an account's own one by its address:
 *   {"calendar": {"id", "owner", "summary", "zone"}}     made, or changed
 *   {"calendar_share": {"calendar", "email", "role"}}    role null: no longer; sync tokens end
 *   {"calendar_remove": {"calendar"}}
 *   {"event": {"calendar", "id", "organizer", "iCalUID", "content"}}    as it came without the API
 *   {"fill": {"calendar", "count": n}}                   plain events, one a day
 *   {"split": {"calendar", "event": an instance, "changes"}}            "this and following"
 *   {"sync_tokens": {"calendar"}}                        those of before are refused
 *   {"purge": {"calendar"}}                              traces of deleted events and their ids go
 *   {"brief_pages": bool}        pages hold fewer events than was asked for, the first one none
 *
 * google/people_control.c; without "owner" in the first account's address book:
 *   {"person": {"owner", "id": "people/c1", "other": bool, "labels": [names], "content"}}
 *                                made, or all of it replaced; labels that are new are made
 *   {"person_delete": {"owner", "person"}}
 *   {"merge_people": {"owner", "into", "from": [...], "as", "hushed": bool}}     one survivor,
 *       under the name "as" if there is one; hushed: the others are not told as deleted
 *   {"fill_people": {"owner", "count": n}}
 *   {"people_delay_ms": n}       lists show what is written so much later
 *   {"people_tokens": true}      all sync tokens of before are refused
 *
 * google/channel.c:
 *   {"notify": {"file" | "calendar" | "calendarList", "state", "changed"}} without a change
 *
 * notion/notion_control.c; what is in workspaces is made through Notion's own interface:
 *   {"notion": {"token", "name", "workspace", "page", "no_users": bool}}    a connection, and a
 *       page that is shared with it; replies with {"page", "token", "workspace"}
 *   {"notion_user": {"token", "name", "workspace"}}      a person, who sees everything
 *   {"notion_share": {"id", "token", "shared": bool}}    an object and all in it
 *   {"notion_lag_ms": n}         queries and searches see a change so much later
 *   {"notion_cap": n}            rows that a query tells of in all (10,000)
 *   {"notion_brief_pages": bool} pages of lists hold fewer than was asked for
 *   {"notion_client": {"id", "secret", "redirects"}}     a public connection
 *   {"notion_revoke": {"token", "access": bool}}         the connection, or its access token, ends
 *   {"notion_fill": {"source", "count", "gap_ms"}}       pages "Row 1" ... of past days
 *   {"notion_webhook": {"token", "address"}}             sends the handshake; replies with
 *       {"verification_token"}, which {"notion_webhook": {"verify"}} confirms
 */
#include "fake/fake_control.h"

#include <string.h>

static void
control_clock(struct call *c, const json *j, json *out)
{
	c->f->skew_ms += json_num(j, "advance_ms", 0);
	json_set_i64(out, "now_ms", fake_now(c->f));
}

static void
control_latency(struct call *c, const json *j, json *out)
{
	(void)out;
	c->f->latency_ms = json_value_i64(j);
}

static void
control_reset(struct call *c, const json *j, json *out)
{
	(void)out;
	if (!json_value_bool(j))
		return;
	c->f->faults = NULL;
	journal_reset(c->f);
	quota_reset(c->f);
}

static void
control_faults(struct call *c, const json *j, json *out)
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
control_quota(struct call *c, const json *j, json *out)
{
	const char *wrong = quota_set(c->f, j);

	(void)out;
	if (wrong)
		refuse_argument(c, "%s", wrong);
}

static void
control_push(struct call *c, const json *j, json *out)
{
	struct note_way *p = &c->f->way;

	(void)out;
	p->delay_ms = json_num(j, "delay_ms", p->delay_ms);
	p->watch_delay_ms = json_num(j, "watch_delay_ms", p->watch_delay_ms);
	p->drop = json_num(j, "drop", p->drop);
	p->duplicate = json_num(j, "duplicate", p->duplicate);
	p->refuse = json_flag(j, "refuse", p->refuse);
	p->origin = kept(c, j, "origin", p->origin);
}

static void
control_account(struct call *c, const json *j, json *out)
{
	const char *email = json_str(j, "email"), *name = json_str(j, "name");
	struct account *who;

	if (!email) {
		refuse_argument(c, "An account needs an email.");
		return;
	}
	who = account_add(c->f, email, name ? name : email);
	json_set_str(out, "sub", who->sub);
}

static const struct fake_command control_commands[] = {
	{ "reset", control_reset },
	{ "clock", control_clock },
	{ "latency_ms", control_latency },
	{ "faults", control_faults },
	{ "quota", control_quota },
	{ "push", control_push },
	{ "account", control_account },
	{ NULL, NULL },
};

static bool
control_known(const char *name)
{
	for (size_t i = 0; fake_services[i]; i++) {
		const struct fake_command *k = fake_services[i]->commands;

		for (; k && k->name; k++)
			if (strcmp(k->name, name) == 0)
				return true;
	}
	return false;
}

static void
control_run(struct call *c, const struct fake_command *k, json *out)
{
	for (; k && k->name && !c->refused; k++)
		if (k->run && json_at(c->body, k->name))
			k->run(c, json_at(c->body, k->name), out);
}

static void
control(struct call *c)
{
	json *out = json_new(c->a);

	for (struct json_iter it = { 0 }; json_each(c->body, &it);)
		if (!control_known(it.key)) {
			refuse_argument(c, "There is no command %s.", it.key);
			return;
		}
	for (size_t i = 0; fake_services[i] && !c->refused; i++)
		control_run(c, fake_services[i]->commands, out);
	if (!c->refused)
		reply_json(c, 200, out);
}

/* What happened. */
static void
control_report(struct call *c)
{
	json *top = json_new(c->a), *push = json_new(c->a);

	json_set_i64(push, "sent", c->f->way.sent);
	json_set_i64(push, "delivered", c->f->way.delivered);
	json_set_i64(push, "failed", c->f->way.failed);
	json_set_i64(top, "calls", journal_count(c->f));
	json_set(top, "log", journal_report(c->f, c->a));
	json_set(top, "quota", quota_report(c->f, c->a));
	json_set(top, "breaches", contract_report(c->f, c->a));
	json_set(top, "push", push);
	for (size_t i = 0; fake_services[i]; i++)
		if (fake_services[i]->report)
			fake_services[i]->report(c, top);
	reply_json(c, 200, top);
}

/*
 * Anybody who reaches the stand-in itself may; it explains in few words.
 */
static bool
own_admit(struct call *c)
{
	(void)c;
	return true;
}

static void
own_refuse(struct call *c, const struct refusal *r)
{
	json *top = json_new(c->a), *e = json_new(c->a);

	json_set_i64(e, "code", r->status);
	json_set_str(e, "message", r->message);
	json_set_str(e, "status", "INVALID_ARGUMENT");
	json_set(top, "error", e);
	reply_json(c, r->status, top);
}

static void
own_complain(struct call *c, const struct flaw *flaw)
{
	if (flaw->kind == FLAW_FORM)
		refuse_argument(c, "The form cannot be read.");
	else if (flaw->kind == FLAW_JSON)
		refuse_argument(c, "The commands cannot be read. %s", flaw->value);
	else
		refuse_argument(c, "%s is not understood here.", flaw->name);
}

const struct fake_manners own_manners = {
	.admit = own_admit,
	.refuse = own_refuse,
	.complain = own_complain,
};

static const struct fake_route control_routes[] = {
	{
	    .method = "POST",
	    .path = "/fake/control",
	    .name = "control",
	    .query = fake_nothing,
	    .body = fake_anything,
	    .handle = control,
	},
	{
	    .method = "GET",
	    .path = "/fake/control",
	    .name = "control.report",
	    .query = fake_nothing,
	    .handle = control_report,
	},
	{ .path = NULL },
};

const struct fake_service control_service = {
	.name = "control",
	.own = true,
	.manners = &own_manners,
	.routes = control_routes,
	.commands = control_commands,
};
