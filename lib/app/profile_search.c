/*
 * profile_search.c - who somebody is by address, number or name; see profiles.h.
 */
#include "app/profiles.h"

#include "app/profile_view.h"
#include "ask/place.h"
#include "base/conf.h"
#include "base/fold.h"
#include "profile/email.h"
#include "profile/group.h"
#include "profile/phone.h"
#include "store/person.h"

enum {
	WALK_PAGE = 100, /* places that are looked at together */
	WALK_MAX = 2000, /* that one answer looks at */
	WORDS_MAX = 8,
	COUNT_MAX = WALK_MAX, /* of words on more than so many none is better than another */
	/* of memory that the profiles of one answer may take, beside what each commonly takes */
	FIND_BYTES = 2 * 1024 * 1024,
	FIND_BYTES_EACH = 8 * 1024,
	/* of work (ask/place.h): to look at a place, to show a profile */
	WORK_LOOK = 2,
	WORK_SHOW = 4
};

/* --- by address and number --- */

static enum rc
find_show(struct ctx *cx, struct db *db, struct profile_views *v, const char *id, json *data)
{
	json *o;

	TRY(profile_view(cx, db, v, id, &o));
	if (o)
		json_add(data, o);
	return RC_OK;
}

/* As many as were asked for, or as much as one reply is to take, whose records may be long. */
static bool
find_full(const struct ctx *cx, const struct profile_query *q, const struct profile_page *out)
{
	const size_t n = json_len(out->data);

	return (int64_t)n >= q->limit ||
	    (n && arena_used(cx->a) > out->begun + FIND_BYTES + n * FIND_BYTES_EACH);
}

/* Who has it: few, or it is shared by many. */
static enum rc
find_exact(struct ctx *cx, struct db *db, const char *owner, const struct ident *ident,
    const struct profile_query *q, struct profile_page *out)
{
	struct profile_views v;
	struct person_list list;
	const char *last = "";

	profile_views(owner, &v);
	TRY(person_holders(cx, db, owner, ident, WALK_MAX, &list));
	/* In order of ids, each once. */
	for (;;) {
		const char *next = NULL;

		for (size_t i = 0; i < list.n; i++)
			if (strcmp(list.v[i].profile_id, last) > 0 &&
			    strcmp(list.v[i].profile_id, q->cursor ? q->cursor : "") > 0 &&
			    (!next || strcmp(list.v[i].profile_id, next) < 0))
				next = list.v[i].profile_id;
		if (next && find_full(cx, q, out))
			out->next = last;
		if (!next || out->next)
			return RC_OK;
		TRY(place_work(cx, owner, WORK_SHOW));
		TRY(find_show(cx, db, &v, next, out->data));
		last = next;
	}
}

static enum rc
find_email(struct ctx *cx, struct db *db, const char *owner, const struct profile_query *q,
    struct profile_page *out)
{
	struct ident ident = { .kind = IDENT_EMAIL };

	if (!email_address(cx->a, str_c(q->email), &ident.value))
		return RC_OK;
	return find_exact(cx, db, owner, &ident, q, out);
}

static enum rc
find_phone(struct ctx *cx, struct db *db, const char *owner, const struct profile_query *q,
    struct profile_page *out)
{
	struct ident ident = { .kind = IDENT_PHONE };
	char number[PHONE_MAX];
	struct str text = str_c(q->phone);

	/* "+" is a blank in an address. */
	if (text.n > 0 && text.p[0] == ' ')
		text = str_c(arena_printf(cx->a, "+%s", q->phone + 1));
	if (!phone_number(text, conf_str(CONF_PHONE_COUNTRY), number))
		return RC_OK;
	ident.value = str_c(arena_dup(cx->a, number));
	return find_exact(cx, db, owner, &ident, q, out);
}

/* --- by the beginnings of words --- */

struct walk {
	struct ident begins; /* what is walked along */
	struct str word[WORDS_MAX];
	size_t words, along; /* of the words, which one */
};

static bool
begins_with(struct str s, struct str with)
{
	return s.n >= with.n && !memcmp(s.p, with.p, with.n);
}

/* What is asked for: a beginning of an address, of a number, or words. false: nothing. */
static bool
walk_of(struct arena *a, const char *q, struct walk *w)
{
	const struct str text = str_trim(str_c(q));
	struct str rest = fold_words(a, text);
	char number[PHONE_MAX];

	*w = (struct walk){ 0 };
	if (memchr(text.p, '@', text.n)) {
		w->begins = (struct ident){ IDENT_EMAIL, fold_case(a, text) };
		return w->begins.value.n > 0;
	}
	if (phone_number(text, conf_str(CONF_PHONE_COUNTRY), number)) {
		w->begins = (struct ident){ IDENT_PHONE, str_c(arena_dup(a, number)) };
		return true;
	}
	w->begins.kind = IDENT_WORD;
	while (rest.n > 0 && w->words < WORDS_MAX)
		w->word[w->words++] = str_cut(rest, ' ', &rest);
	w->begins.value = w->word[0];
	return w->words > 0;
}

/* Along the word that is on the fewest. */
static enum rc
walk_choose(struct ctx *cx, struct db *db, const char *owner, struct walk *w)
{
	int64_t fewest = INT64_MAX, n;

	for (size_t i = 0; w->words > 1 && i < w->words; i++) {
		const struct ident begins = { IDENT_WORD, w->word[i] };

		TRY(person_many(cx, db, owner, &begins, COUNT_MAX, &n));
		if (n < fewest)
			w->along = i;
		if (n < fewest)
			fewest = n;
	}
	return RC_OK;
}

static int
place_order(const struct person_place_found *a, const struct person_place_found *b)
{
	int order = str_order(a->value, b->value);

	if (order == 0)
		order = (a->dataset_no > b->dataset_no) - (a->dataset_no < b->dataset_no);
	return order ? order : strcmp(a->key, b->key);
}

/* The first place at which the record is found; value.p NULL: it has not all the words. */
static enum rc
walk_record(struct ctx *cx, struct db *db, const char *owner, const struct walk *w,
    const struct person_row *p, struct person_place_found *first)
{
	bool has[WORDS_MAX] = { false };
	struct ident_list idents;
	struct str value = { NULL, 0 };

	*first = (struct person_place_found){ .dataset_no = p->dataset_no, .key = p->key };
	TRY(person_idents(cx, db, owner, p, &idents));
	for (size_t k = 0; k < idents.n; k++) {
		if (idents.v[k].kind != w->begins.kind)
			continue;
		for (size_t j = 0; j < w->words; j++)
			has[j] |= begins_with(idents.v[k].value, w->word[j]);
		if (!value.p && begins_with(idents.v[k].value, w->begins.value))
			value = idents.v[k].value;
	}
	for (size_t j = 0; j < w->words; j++)
		if (!has[j])
			return RC_OK;
	first->value = value;
	return RC_OK;
}

/* Has the record all the words, and is there no earlier place at which its profile is found? */
static enum rc
walk_fits(struct ctx *cx, struct db *db, const char *owner, const struct walk *w,
    const struct person_found *at, bool *fits)
{
	const struct person_row here = { .dataset_no = at->at.dataset_no, .key = at->at.key };
	struct person_place_found first;
	struct person_list members;

	TRY(walk_record(cx, db, owner, w, &here, &first));
	*fits = first.value.p && place_order(&first, &at->at) == 0;
	if (!*fits)
		return RC_OK;
	TRY(person_members(cx, db, owner, at->profile_id, GROUP_MAX, &members));
	for (size_t i = 0; *fits && i < members.n; i++) {
		TRY(walk_record(cx, db, owner, w, &members.v[i], &first));
		*fits = !first.value.p || place_order(&first, &at->at) >= 0;
	}
	return RC_OK;
}

/* "word|number|bytes of the key|key and value": opaque to others. */
static const char *
walk_cursor(struct arena *a, const struct walk *w, const struct person_place_found *at)
{
	return arena_printf(a, "%zu|%lld|%zu|%s%.*s", w->along, (long long)at->dataset_no,
	    strlen(at->key), at->key, (int)at->value.n, at->value.p);
}

static enum rc
walk_from(struct ctx *cx, const char *cursor, struct walk *w, struct person_place_found *at)
{
	struct str rest = str_c(cursor), along, no, bytes;
	int64_t word, n;

	along = str_cut(rest, '|', &rest);
	no = str_cut(rest, '|', &rest);
	bytes = str_cut(rest, '|', &rest);
	if (!rest.p || !str_i64(along, 0, w->words ? (int64_t)w->words - 1 : 0, &word) ||
	    !str_i64(no, 1, INT64_MAX, &at->dataset_no) || !str_i64(bytes, 0, (int64_t)rest.n, &n))
		return fail_input(cx, "cursor", "This cursor is none that a list gave.");
	w->along = (size_t)word;
	at->key = arena_dup_str(cx->a, (struct str){ rest.p, (size_t)n });
	at->value = (struct str){ rest.p + n, rest.n - (size_t)n };
	return RC_OK;
}

static enum rc
walk_begin(struct ctx *cx, struct db *db, const char *owner, const struct profile_query *q,
    struct walk *w, struct person_place_found *at)
{
	*at = (struct person_place_found){ 0 };
	if (q->cursor)
		TRY(walk_from(cx, q->cursor, w, at));
	else
		TRY(walk_choose(cx, db, owner, w));
	if (w->words)
		w->begins.value = w->word[w->along];
	return RC_OK;
}

static enum rc
find_words(struct ctx *cx, struct db *db, const char *owner, const struct profile_query *q,
    struct profile_page *out)
{
	struct person_place_found at;
	struct person_found_list list;
	struct profile_views v;
	struct walk w;
	const struct person_walk walk = { .begins = &w.begins, .after = &at, .limit = WALK_PAGE };
	int64_t looked = 0;

	if (!walk_of(cx->a, q->q, &w))
		return RC_OK;
	TRY(walk_begin(cx, db, owner, q, &w, &at));
	profile_views(owner, &v);
	do {
		TRY(person_find(cx, db, owner, &walk, &list));
		for (size_t i = 0; i < list.n; i++) {
			bool fits;

			TRY(place_work(cx, owner, WORK_LOOK));
			TRY(walk_fits(cx, db, owner, &w, &list.v[i], &fits));
			at = list.v[i].at;
			TRY(place_work(cx, owner, fits ? WORK_SHOW : 0));
			if (fits)
				TRY(find_show(cx, db, &v, list.v[i].profile_id, out->data));
			looked++;
			if (find_full(cx, q, out) || looked == WALK_MAX) {
				out->next = walk_cursor(cx->a, &w, &at);
				return RC_OK;
			}
		}
	} while (list.n == WALK_PAGE);
	return RC_OK;
}

static enum rc
find_all(struct ctx *cx, struct db *db, const char *owner, const struct profile_query *q,
    struct profile_page *out)
{
	struct profile_ids ids;
	struct profile_views v;
	size_t i = 0;

	profile_views(owner, &v);
	TRY(profile_list(cx, db, owner, q->cursor, q->limit + 1, &ids));
	/* Known beforehand, so that what is refused has cost nothing. */
	TRY(place_work(cx, owner, (int64_t)ids.n * WORK_SHOW));
	for (; i < ids.n && (int64_t)i < q->limit && !find_full(cx, q, out); i++)
		TRY(find_show(cx, db, &v, ids.v[i], out->data));
	if (i < ids.n)
		out->next = ids.v[i - 1];
	return RC_OK;
}

enum rc
profiles_find(struct ctx *cx, struct db *db, const char *owner, const struct profile_query *q,
    struct profile_page *out)
{
	*out = (struct profile_page){ .data = json_list(cx->a), .begun = arena_used(cx->a) };
	if ((q->email != NULL) + (q->phone != NULL) + (q->q != NULL) > 1)
		return fail_input(cx, "q", "Ask by one of email, phone and q.");
	if (q->email)
		return find_email(cx, db, owner, q, out);
	if (q->phone)
		return find_phone(cx, db, owner, q, out);
	if (q->q && *str_trim(str_c(q->q)).p)
		return find_words(cx, db, owner, q, out);
	return find_all(cx, db, owner, q, out);
}

enum rc
profile_get(struct ctx *cx, struct db *db, const char *owner, const char *id, json **out)
{
	struct profile_views v;

	profile_views(owner, &v);
	TRY(profile_view(cx, db, &v, id, out));
	return *out
	    ? RC_OK
	    : fail(cx, E_NOT_FOUND,
		  "There is no such profile. One that became a part of another one has its id.");
}
