/*
 * world.c - a world begins and ends; its clock, its numbers, its people.
 */
#include "fake/core/world.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rand.h"

static size_t
world_services(void)
{
	size_t n = 0;

	while (fake_services[n])
		n++;
	return n;
}

struct fake *
fake_new(bool demo)
{
	struct arena *a = arena_new("fake", (size_t)4 << 30, 0);
	struct fake *f = arena_alloc(a, sizeof *f);
	const size_t n = world_services();

	f->a = a;
	f->part = arena_array(a, n, sizeof *f->part);
	journal_init(f);
	quota_init(f);
	for (size_t i = 0; i < n; i++)
		f->part[i] = arena_alloc(a, fake_services[i]->part);
	for (size_t i = 0; i < n; i++)
		if (fake_services[i]->init)
			fake_services[i]->init(f);
	for (size_t i = 0; demo && i < n; i++)
		if (fake_services[i]->demo)
			fake_services[i]->demo(f);
	return f;
}

void
fake_back(struct fake *f, const char *url)
{
	f->back = url;
}

void
fake_free(struct fake *f)
{
	if (!f)
		return;
	journal_free(f);
	arena_free(f->a);
}

void *
fake_part(const struct fake *f, const struct fake_service *s)
{
	size_t i = 0;

	while (fake_services[i] != s)
		i++;
	return f->part[i];
}

/*
 * Time and numbers.
 */
int64_t
fake_asked(const struct fake *f)
{
	return f->asked;
}

int64_t
fake_now(const struct fake *f)
{
	return clock_ms() + f->skew_ms;
}

int64_t
fake_serial(struct fake *f)
{
	return ++f->serial;
}

char *
fake_secret(struct arena *a, const char *prefix)
{
	char text[TOKEN_TEXT], *made = arena_printf(a, "%s%s", prefix, rand_token(text));

	/* Letters and digits travel unchanged wherever they are pasted. */
	for (char *p = made + strlen(prefix); *p; p++)
		*p = *p == '-' || *p == '_' ? 'x' : *p;
	return made;
}

/*
 * People.
 */
struct account *
account_by(struct fake *f, const char *email)
{
	struct account *w;

	for (w = f->accounts; w; w = w->next)
		if (email && strcmp(w->email, email) == 0)
			return w;
	return NULL;
}

struct account *
account_add(struct fake *f, const char *email, const char *name)
{
	struct account *w = account_by(f, email), **end = &f->accounts;
	unsigned char digest[SHA256_LEN];
	uint64_t n = 0;

	if (w)
		return w;
	/* The same address is the same person after a restart. */
	hash_sha256(str_c(email), digest);
	for (int i = 0; i < 8; i++)
		n = n << 8 | digest[i];
	w = arena_alloc(f->a, sizeof *w);
	*w = (struct account){
		.email = arena_dup(f->a, email),
		.name = arena_dup(f->a, name),
		.sub = arena_printf(f->a, "1%020llu", (unsigned long long)n),
	};
	while (*end)
		end = &(*end)->next;
	*end = w;
	return w;
}
