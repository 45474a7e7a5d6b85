/*
 * keep.c - the world over a restart of the program. Each service saves its part; what is loaded
 * takes the place of what a demonstration begins with. The settings of tests are not kept: the
 * starter makes them anew.
 */
#include "fake/core/keep.h"

enum { KEEP_AHEAD = 100000 /* more than is done between two writings of the file */ };

static json *
keep_accounts(const struct fake *f, struct arena *a)
{
	json *list = json_list(a);

	for (const struct account *who = f->accounts; who; who = who->next) {
		json *j = json_new(a);

		json_set_str(j, "email", who->email);
		json_set_str(j, "name", who->name);
		json_set_bool(j, "service", who->service);
		json_add(list, j);
	}
	return list;
}

static void
keep_load_account(struct fake *f, const json *j)
{
	const char *email = json_str(j, "email"), *name = json_str(j, "name");

	if (email && name)
		account_add(f, email, name)->service = json_flag(j, "service", false);
}

json *
fake_save(struct fake *f, struct arena *a, bool ended)
{
	json *top = json_new(a);

	json_set_bool(top, "ended", ended);
	json_set_i64(top, "serial", f->serial);
	json_set(top, "accounts", keep_accounts(f, a));
	for (size_t i = 0; fake_services[i]; i++)
		if (fake_services[i]->save)
			fake_services[i]->save(f, a, top);
	return top;
}

void
fake_load(struct fake *f, const json *top)
{
	const json *accounts = json_at(top, "accounts");
	/* What is made of it must stay small numbers. */
	const int64_t serial = json_num(top, "serial", 0) + (loaded_whole(top) ? 0 : 100);

	for (size_t i = 0; i < json_len(accounts); i++)
		keep_load_account(f, json_nth(accounts, i));
	for (size_t i = 0; fake_services[i]; i++)
		if (fake_services[i]->load)
			fake_services[i]->load(f, top);
	if (f->serial < serial)
		f->serial = serial;
}

const char *
loaded_text(struct fake *f, const json *j, const char *name, const char *otherwise)
{
	const char *text = json_str(j, name);

	return text ? arena_dup(f->a, text) : otherwise;
}

json *
loaded_json(struct fake *f, const json *j, const char *name)
{
	const json *member = json_at(j, name);

	return member && !json_is_null(member) ? json_copy(f->a, member) : NULL;
}

bool
loaded_whole(const json *top)
{
	return json_flag(top, "ended", false);
}

int64_t
loaded_counter(const json *top, const json *part, const char *name)
{
	return json_num(part, name, 0) + (loaded_whole(top) ? 0 : KEEP_AHEAD);
}
