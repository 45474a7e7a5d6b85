/*
 * notion_store.c - the objects of workspaces: by id, in their tree, as they are and as the index
 * has them; who sees them.
 */
#include "fake/notion/notion.h"

#include "base/clock.h"
#include "base/rand.h"

/*
 * Ids.
 */
const char *
notion_id(struct fake *f)
{
	unsigned char b[16];

	rand_bytes(b, sizeof b);
	b[6] = (unsigned char)(0x40 | (b[6] & 15));
	b[8] = (unsigned char)(0x80 | (b[8] & 63));
	return arena_printf(f->a,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
	    b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
	    b[15]);
}

const char *
id_read(struct arena *a, const char *text)
{
	char digits[33];
	size_t n = 0;

	for (; text && *text; text++) {
		const bool upper = *text >= 'A' && *text <= 'F';

		if (*text == '-')
			continue;
		if (n == 32 || !strchr("0123456789abcdefABCDEF", *text))
			return NULL;
		digits[n++] = (char)(upper ? *text + 32 : *text);
	}
	if (n != 32)
		return NULL;
	return arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12,
	    digits + 16, digits + 20);
}

json *
notion_keep(struct fake *f, const json *j)
{
	return json_stored(f->a, json_text(f->a, j));
}

static size_t
store_bucket(const char *id)
{
	uint32_t h = 2166136261u;

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h % NOTION_BUCKETS;
}

struct notion_object *
object_by(struct fake *f, const char *id)
{
	struct notion_object *o;

	for (o = id ? notion_of(f)->bucket[store_bucket(id)] : NULL; o; o = o->chain)
		if (strcmp(o->id, id) == 0)
			return o;
	return NULL;
}

/*
 * The tree.
 */
static void
store_hang(struct notion_object *o, struct notion_object *parent)
{
	o->now.parent = parent;
	o->sibling = NULL;
	if (!parent)
		return;
	if (parent->last)
		parent->last->sibling = o;
	else
		parent->child = o;
	parent->last = o;
}

void
object_move(struct notion_object *o, struct notion_object *parent)
{
	struct notion_object *from = o->now.parent, *before = NULL;

	if (from) {
		for (struct notion_object *x = from->child; x != o; x = x->sibling)
			before = x;
		if (before)
			before->sibling = o->sibling;
		else
			from->child = o->sibling;
		if (from->last == o)
			from->last = before;
	}
	store_hang(o, parent);
}

/* The index comes to know one change after the other, each so late. */
void
object_changes(struct fake *f, struct notion_object *o)
{
	const int64_t lag = notion_of(f)->lag_ms;
	struct notion_past *past;

	if (lag == 0)
		return;
	past = arena_alloc(f->a, sizeof *past);
	*past = (struct notion_past){ o->past, o->now, fake_now(f) + lag };
	o->past = past;
}

struct notion_object *
object_add(struct fake *f, enum object_kind kind, struct notion_object *parent,
    struct notion_space *space, const char *id)
{
	struct notion *n = notion_of(f);
	struct notion_object *o = arena_alloc(f->a, sizeof *o), **bucket;

	*o = (struct notion_object){
		.kind = kind,
		.space = space,
		.id = id ? arena_dup(f->a, id) : notion_id(f),
		.created = fake_now(f),
		.shared = json_new(f->a),
	};
	object_changes(f, o);
	o->now.there = true;
	o->now.edited = o->created;
	bucket = &n->bucket[store_bucket(o->id)];
	o->chain = *bucket;
	*bucket = o;
	*n->end = o;
	n->end = &o->next;
	store_hang(o, parent);
	return o;
}

void
object_changed(struct fake *f, struct notion_object *o, const struct notion_user *who)
{
	o->now.edited = fake_now(f);
	o->editor = who;
}

const struct notion_state *
object_indexed(const struct fake *f, const struct notion_object *o)
{
	const struct notion_state *known = &o->now;

	for (const struct notion_past *p = o->past; p && fake_now(f) < p->until; p = p->older)
		known = &p->was;
	return known;
}

/*
 * Who sees what.
 */
bool
object_trashed(const struct notion_object *o)
{
	for (; o; o = o->now.parent)
		if (o->now.trash)
			return true;
	return false;
}

bool
object_seen(const struct notion_bot *bot, const struct notion_object *o)
{
	if (o->space != bot->space)
		return false;
	for (; o && !bot->person; o = o->now.parent)
		if (json_has(o->shared, bot->user->id))
			return json_flag(o->shared, bot->user->id, false);
	return bot->person;
}

static const char *
store_kind(enum object_kind kind)
{
	static const char *const words[] = {
		[OBJECT_PAGE] = "page",
		[OBJECT_DATABASE] = "database",
		[OBJECT_SOURCE] = "data_source",
		[OBJECT_BLOCK] = "block",
	};

	return words[kind];
}

struct notion_object *
object_of_call(struct call *c, enum object_kind kind, const char *text)
{
	const char *id = id_read(c->a, text), *word = store_kind(kind);
	struct notion_object *o = object_by(c->f, id);

	if (!id) {
		refuse_invalid(c,
		    "path failed validation: path.%s_id should be a valid uuid, instead was "
		    "`\"%.100s\"`.",
		    word, text);
		return NULL;
	}
	/* Pages and databases are blocks, too. */
	if (o && (o->kind == kind || (kind == OBJECT_BLOCK && o->kind != OBJECT_SOURCE)) &&
	    object_seen(bot_of(c), o))
		return o;
	refuse_notion(c, 404, "object_not_found",
	    "Could not find %s with ID: %s. Make sure the relevant pages and databases are shared "
	    "with your integration \"%s\".",
	    word, id, bot_of(c)->user->name);
	return NULL;
}

const char *
object_title(struct arena *a, const struct notion_object *o)
{
	if (o->kind == OBJECT_PAGE)
		return text_of(a, json_at(o->now.values, "title"));
	return text_of(a, o->now.title);
}

const char *
minute_text(struct arena *a, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(ms - ms % MINUTE_MS, text);
	return arena_printf(a, "%.19s.000Z", text);
}
