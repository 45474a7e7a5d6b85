/*
 * quota.c - calls a minute, of a user of a project and of a project; what was counted, for tests.
 */
#include "fake/core/call.h"

#include "base/clock.h"

struct meter {
	struct meter *next;
	const void *of, *with;       /* account and project, or project alone */
	int64_t minute, count, most; /* most in any minute */
};

struct quota {
	struct quota *next; /* in the order of the services' rows */
	const struct fake_quota *row;
	int64_t per_user, per_project;
	int64_t calls, units, refused; /* units: a call may count as several */
	struct meter *users, *projects;
};

void
quota_init(struct fake *f)
{
	struct quota **end = &f->quotas;

	for (size_t i = 0; fake_services[i]; i++)
		for (const struct fake_quota *r = fake_services[i]->quotas; r && r->name; r++) {
			struct quota *q = arena_alloc(f->a, sizeof *q);

			q->row = r;
			q->per_user = r->per_user;
			q->per_project = r->per_project;
			*end = q;
			end = &q->next;
		}
}

const char *
quota_set(struct fake *f, const json *limits)
{
	for (struct json_iter it = { 0 }; json_each(limits, &it);) {
		struct quota *q = f->quotas;

		while (q && strcmp(q->row->name, it.key) != 0)
			q = q->next;
		if (!q)
			return "There is no such quota.";
		q->per_user = json_num(it.value, "user", q->per_user);
		q->per_project = json_num(it.value, "project", q->per_project);
	}
	return NULL;
}

void
quota_reset(struct fake *f)
{
	for (struct quota *q = f->quotas; q; q = q->next) {
		q->calls = q->units = q->refused = 0;
		q->users = q->projects = NULL;
	}
}

static int64_t
quota_most(const struct meter *m)
{
	int64_t most = 0;

	for (; m; m = m->next)
		most = m->most > most ? m->most : most;
	return most;
}

json *
quota_report(const struct fake *f, struct arena *a)
{
	json *top = json_new(a);

	for (const struct quota *q = f->quotas; q; q = q->next) {
		json *j = json_new(a);

		json_set_i64(j, "calls", q->calls);
		json_set_i64(j, "units", q->units);
		json_set_i64(j, "refused", q->refused);
		json_set_i64(j, "most_user", quota_most(q->users));
		json_set_i64(j, "most_project", quota_most(q->projects));
		json_set(top, q->row->name, j);
	}
	return top;
}

static struct meter *
quota_meter(struct fake *f, struct meter **list, const void *of, const void *with)
{
	const int64_t minute = fake_now(f) / MINUTE_MS;
	struct meter *m;

	for (m = *list; m; m = m->next)
		if (m->of == of && m->with == with)
			break;
	if (!m) {
		m = arena_alloc(f->a, sizeof *m);
		*m = (struct meter){ .next = *list, .of = of, .with = with };
		*list = m;
	}
	if (m->minute != minute) {
		m->minute = minute;
		m->count = 0;
	}
	return m;
}

static void
quota_count(struct meter *m, int64_t cost)
{
	m->count += cost;
	m->most = m->count > m->most ? m->count : m->most;
}

int64_t
quota_in_force(const struct fake *f, const struct fake_quota *row, bool user)
{
	const struct quota *q = f->quotas;

	while (q->row != row)
		q = q->next;
	return user ? q->per_user : q->per_project;
}

bool
quota_allows(struct call *c)
{
	struct quota *q = c->f->quotas;
	const int64_t cost = c->route->cost > 0 ? c->route->cost : 1;
	struct meter *user, *project;
	bool user_full, project_full;

	if (!c->route->quota || !c->project)
		return true;
	while (q->row != c->route->quota)
		q = q->next;
	user = quota_meter(c->f, &q->users, c->who, c->project);
	project = quota_meter(c->f, &q->projects, c->project, NULL);
	user_full = q->per_user > 0 && user->count + cost > q->per_user;
	project_full = q->per_project > 0 && project->count + cost > q->per_project;
	if (user_full || project_full) {
		q->refused++;
		refuse(c,
		    &(struct refusal){
			.why = user_full ? REFUSED_USER_FULL : REFUSED_PROJECT_FULL,
			.status = 429,
			.reason = "rateLimitExceeded",
			.message = "Rate Limit Exceeded",
		    });
		return false;
	}
	q->calls++;
	q->units += cost;
	quota_count(user, cost);
	quota_count(project, cost);
	return true;
}
