/*
 * json_list.c - the search for the records of a document.
 */
#include "provider/web/json_list.h"

#include "provider/web/json_names.h"

enum { NAMES_BYTES = 300, NAME_SHOWN = 40 };

/* Notes in frames. */
enum {
	HAS_OTHER = 1,     /* a child that is no object */
	FIRST_OBJECT = 2,  /* the first child is an object */
	CHILD_MEMBERS = 4, /* a child that is an object of objects itself */
	NAMED = 8,         /* a member whose name is no number */
	FIRST_LIST = 16    /* the first child is a list */
};

/* What a container is to us, best first; TELLING (empty, with a name that promises records)
 * stands before lists of objects further down. */
enum rank { OBJECTS, MEMBERS, LISTS, OTHERS, NOTHING, TELLING, RANKS };

struct found {
	bool set;
	bool names;   /* by its name it names columns: anything else is better */
	bool telling; /* by its name it holds records */
	struct json_list list;
};

struct json_finder {
	struct arena *a;
	const struct jpath *wanted;
	enum json_shape known;
	bool whole, numbers; /* numbers: all members of the target are named by them */
	struct jscan *js;
	struct jscan_events events;
	struct found best[RANKS]; /* without a path */
	struct found target;      /* with one */
	int64_t columns;          /* lists beside best[OTHERS] that are as long as it */
	bool scalar;              /* what is at the path is neither list nor object */
	struct buf *names;        /* members of the object where the path ends to lead on */
	size_t names_depth;
	bool names_more;
};

static bool
is_telling(struct str name)
{
	static const char *const words[] = { "data", "items", "records", "results", "result",
		"rows", "list", "entries", "objects", "features", "value", "values", "hits", "docs",
		"elements", "content" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_ieq(name, str_c(words[i])))
			return true;
	return false;
}

/* The container at `depth` frames is a candidate; the one nearest to the top, and first there,
 * is kept. */
static void
list_candidate(
    struct json_finder *f, const struct jscan *js, int depth, enum rank rank, int64_t items)
{
	struct found *best = &f->best[rank];
	const struct jframe *parent = depth > 0 ? &js->frame[depth - 1] : NULL;
	const bool names = parent && parent->type == J_OBJECT && json_names_is(parent->name);
	struct jpath path;

	if (f->wanted ||
	    (best->set && best->list.path.n <= (size_t)depth && (!best->names || names)) ||
	    !jpath_here(f->a, js, depth, &path))
		return;
	if (rank == OTHERS)
		f->columns = 0;
	best->set = true;
	best->names = names;
	best->telling = parent && parent->type == J_OBJECT && is_telling(parent->name);
	best->list = (struct json_list){
		.path = path,
		.shape = rank == MEMBERS ? JSON_MEMBERS : JSON_LIST,
		.empty = items == 0,
		.lists = rank == LISTS,
		.items = items,
	};
}

/* Is the list of values that has ended beside the first one, in the same object and as long? */
static bool
is_column(const struct json_finder *f, const struct jscan *js, int64_t items)
{
	const struct json_list *first = &f->best[OTHERS].list;

	return f->best[OTHERS].set && items == first->items && first->path.n == (size_t)js->depth &&
	    js->frame[js->depth - 1].type == J_OBJECT &&
	    jpath_follow(&first->path, js) + 1 == first->path.n;
}

/* Keeps the names beside which the path breaks off, for the message. */
static void
note_name(struct json_finder *f, const struct jscan *js)
{
	const struct jframe *parent = &js->frame[js->depth - 1];
	const size_t above = (size_t)js->depth - 1;
	struct str name;

	if (parent->type != J_OBJECT || above < f->names_depth || (!f->wanted && above > 0))
		return;
	if (f->wanted) {
		if (above > f->wanted->n || jpath_follow(f->wanted, js) < above)
			return;
		if (above > f->names_depth) {
			f->names_depth = above;
			f->names_more = false;
			buf_clear(f->names);
		}
	}
	name = str_utf8_cut(parent->name, NAME_SHOWN);
	if (f->names->n + name.n + 2 > NAMES_BYTES) {
		f->names_more = true;
		return;
	}
	if (f->names->n > 0)
		buf_str(f->names, ", ");
	buf_add(f->names, name.p, name.n);
}

static bool
is_number(const struct jframe *f)
{
	int64_t n;

	return !f->name_over && str_i64(f->name, 0, INT64_MAX, &n);
}

/* null is how some servers write a list that is empty. */
static void
target_begin(struct json_finder *f, enum jtype type)
{
	f->scalar = type != J_LIST && type != J_OBJECT && type != J_NULL;
	f->target.set = !f->scalar;
	f->target.list = (struct json_list){
		.path = *f->wanted,
		.shape = type == J_LIST || type == J_NULL ? JSON_LIST : JSON_NOWHERE,
		.empty = type == J_NULL,
	};
}

/* Is this the first item of the list that is looked for? */
static bool
target_first(const struct json_finder *f, const struct jscan *js)
{
	const size_t depth = (size_t)js->depth, n = f->wanted->n;

	return depth == n + 1 && js->frame[n].type == J_LIST && js->frame[n].at == 0 &&
	    jpath_follow(f->wanted, js) >= n && f->known <= JSON_LIST;
}

static enum rc
find_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	struct json_finder *f = arg;
	struct jframe *parent = js->depth > 0 ? &js->frame[js->depth - 1] : NULL;

	(void)cx;
	(void)keep;
	if (parent) {
		if (type != J_OBJECT)
			parent->note |= HAS_OTHER;
		else if (parent->at == 0)
			parent->note |= FIRST_OBJECT;
		if (type == J_LIST && parent->at == 0)
			parent->note |= FIRST_LIST;
		if (parent->type == J_OBJECT && !is_number(parent))
			parent->note |= NAMED;
		note_name(f, js);
		if (type == J_OBJECT && parent->type == J_LIST && parent->at == 0)
			list_candidate(f, js, js->depth - 1, OBJECTS, 1);
	} else if (type == J_LIST)
		list_candidate(f, js, 0, OBJECTS, 1);
	if (f->wanted && jpath_at(f->wanted, js))
		target_begin(f, type);
	if (f->wanted && target_first(f, js)) {
		f->target.list.lists = type == J_LIST;
		js->stopped = !f->whole;
	}
	/* A list at the first level cannot be beaten: the document itself is an object. */
	if (!f->whole && !f->wanted && f->best[OBJECTS].set && !f->best[OBJECTS].names &&
	    f->best[OBJECTS].list.path.n <= 1)
		js->stopped = true;
	return RC_OK;
}

static void
list_ended(struct json_finder *f, struct jscan *js)
{
	const struct jframe *ended = &js->frame[js->depth];

	if (f->best[OBJECTS].set && jpath_at(&f->best[OBJECTS].list.path, js)) {
		f->best[OBJECTS].list.empty = ended->at < 0;
		f->best[OBJECTS].list.items = ended->at + 1;
	}
	if (js->depth == 0)
		return;
	if (ended->at < 0)
		list_candidate(f, js, js->depth,
		    js->frame[js->depth - 1].type == J_OBJECT &&
			    is_telling(js->frame[js->depth - 1].name)
			? TELLING
			: NOTHING,
		    0);
	else if (ended->note & FIRST_LIST)
		list_candidate(f, js, js->depth, LISTS, ended->at + 1);
	else if (!(ended->note & FIRST_OBJECT)) {
		f->columns += is_column(f, js, ended->at + 1);
		list_candidate(f, js, js->depth, OTHERS, ended->at + 1);
	}
}

/* An object with a single member that is an object of objects is only a wrapper round that one. */
static void
object_ended(struct json_finder *f, struct jscan *js)
{
	const struct jframe *ended = &js->frame[js->depth];
	const bool wrapper = ended->at == 0 && (ended->note & CHILD_MEMBERS);

	if (ended->at < 0 || (ended->note & HAS_OTHER))
		return;
	if (!wrapper)
		list_candidate(f, js, js->depth, MEMBERS, ended->at + 1);
	if (js->depth > 0)
		js->frame[js->depth - 1].note |= CHILD_MEMBERS;
}

static enum rc
find_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct json_finder *f = arg;

	(void)cx;
	(void)text;
	(void)n;
	if (type != J_LIST && type != J_OBJECT)
		return RC_OK;
	if (!f->wanted) {
		if (type == J_LIST)
			list_ended(f, js);
		else
			object_ended(f, js);
	} else if (jpath_at(f->wanted, js)) {
		const struct jframe *ended = &js->frame[js->depth];
		if (type == J_OBJECT)
			f->target.list.shape = ended->note & HAS_OTHER ? JSON_ONE : JSON_MEMBERS;
		f->target.list.empty = ended->at < 0;
		f->target.list.items = f->target.list.shape == JSON_ONE ? 1 : ended->at + 1;
		f->numbers = !(ended->note & NAMED);
		js->stopped = !f->whole;
	}
	return RC_OK;
}

struct json_finder *
json_finder_new(struct arena *a, const struct jpath *wanted, enum json_shape known, bool whole)
{
	struct json_finder *f = arena_alloc(a, sizeof *f);

	f->a = a;
	f->wanted = wanted;
	f->known = known;
	f->whole = whole;
	f->events = (struct jscan_events){ find_begin, find_end, f };
	f->js = jscan_new(a, &f->events);
	f->names = buf_in(a, NAMES_BYTES);
	return f;
}

struct jscan *
json_finder_scan(struct json_finder *f)
{
	return f->js;
}

void
json_finder_begin(struct json_finder *f)
{
	memset(f->best, 0, sizeof f->best);
	f->columns = 0;
	f->target = (struct found){ 0 };
	f->scalar = f->names_more = false;
	f->names_depth = 0;
	buf_clear(f->names);
	jscan_begin(f->js);
}

static enum rc
fail_nowhere(struct ctx *cx, struct json_finder *f)
{
	const char *more = f->names_more ? ", ..." : "";
	struct jpath above;

	if (!f->wanted && f->names->n == 0)
		return fail(cx, E_JSON_PATH,
		    "The document is a single value or an empty object, not a list of records.");
	if (!f->wanted)
		return fail(cx, E_JSON_PATH,
		    "There is no list of records in the document; it has: %s%s. Name the path of "
		    "the list, or $ to read the document as one record.",
		    buf_c(f->names), more);
	if (f->scalar)
		return fail(cx, E_JSON_PATH,
		    "At %.100s there is a single value, not a list of records.",
		    jpath_text(cx->a, f->wanted));
	if (f->names->n == 0)
		return fail(cx, E_JSON_PATH,
		    "There is no list at %.100s; the document has no members there.",
		    jpath_text(cx->a, f->wanted));
	above = *f->wanted;
	above.n = f->names_depth;
	return fail(cx, E_JSON_PATH, "There is no list at %.100s; %.100s has: %s%s.",
	    jpath_text(cx->a, f->wanted), above.n == 0 ? "the document" : jpath_text(cx->a, &above),
	    buf_c(f->names), more);
}

/* One of the columns would be read, and the others would be missing without a word. */
static enum rc
fail_columns(struct ctx *cx, const struct json_finder *f)
{
	return fail(cx, E_JSON_PATH,
	    "This is a table by columns: beside %.100s, %lld more list%s as long. Tidemark reads "
	    "tables by records: ask the source for a list of those, or name the path of the one "
	    "list to be read.",
	    jpath_text(cx->a, &f->best[OTHERS].list.path), (long long)f->columns,
	    f->columns == 1 ? " is" : "s are");
}

/* The rest of the document is unknown: an object that has held nothing but objects so far is
 * taken for one of records. */
static void
guess_cut(struct json_finder *f, struct json_list *out)
{
	const struct jscan *js = f->js;
	const size_t at = f->wanted ? f->wanted->n : 0;

	if (f->wanted) {
		if (f->target.set && (size_t)js->depth > at)
			*out = (struct json_list){
				.path = *f->wanted,
				.shape = js->frame[at].note & HAS_OTHER ? JSON_ONE : JSON_MEMBERS,
			};
		return;
	}
	for (int i = 0; i < js->depth && i < JPATH_STEPS; i++)
		if (js->frame[i].type == J_OBJECT && js->frame[i].at > 0 &&
		    !(js->frame[i].note & HAS_OTHER) && jpath_here(f->a, js, i, &out->path)) {
			out->shape = JSON_MEMBERS;
			return;
		}
}

/* What is at the path, as the shape that is known. */
static enum rc
as_known(struct ctx *cx, const struct json_finder *f, struct json_list *out)
{
	static const char *const names[] = { "nothing", "a list", "an object of records",
		"an object of positions", "one record" };
	const enum json_shape now = out->shape;

	if (f->known == JSON_NOWHERE || now == f->known)
		return RC_OK;
	if (out->empty && now != JSON_ONE)
		out->shape = f->known;
	else if (f->known == JSON_LIST && now != JSON_LIST && f->numbers)
		out->shape = JSON_POSITIONS;
	else if (now != JSON_LIST && f->known != JSON_LIST)
		out->shape = f->known;
	else
		return fail(cx, E_SHAPE, "At %.100s there was %s before, and there is %s now.",
		    jpath_text(cx->a, f->wanted), names[f->known], names[now]);
	return RC_OK;
}

/* Are the records the lists of a list, rather than the objects that were found? Those name the
 * columns, or describe them further down. */
static bool
rows_are_lists(const struct json_finder *f)
{
	const struct found *objects = &f->best[OBJECTS], *lists = &f->best[LISTS];

	if (!lists->set)
		return false;
	return objects->names ? lists->list.path.n <= objects->list.path.n
			      : lists->telling && lists->list.path.n < objects->list.path.n;
}

enum rc
json_finder_end(struct ctx *cx, struct json_finder *f, bool cut, struct json_list *out)
{
	*out = (struct json_list){ .shape = JSON_NOWHERE };
	if (f->target.set && f->target.list.shape != JSON_NOWHERE) {
		*out = f->target.list;
		return as_known(cx, f, out);
	}
	if (f->best[TELLING].set &&
	    (!f->best[OBJECTS].set || f->best[TELLING].list.path.n < f->best[OBJECTS].list.path.n))
		f->best[OBJECTS] = f->best[TELLING];
	/* Columns that are objects, beside rows that are lists or somewhere below them. */
	if (f->best[OBJECTS].set && rows_are_lists(f))
		f->best[OBJECTS] = f->best[LISTS];
	/* An object with one member is a wrapper rather than a record. */
	if (f->best[MEMBERS].set && f->best[MEMBERS].list.items == 1 && f->best[LISTS].telling)
		f->best[MEMBERS].set = false;
	for (int i = 0; !f->wanted && i < TELLING; i++)
		if (f->best[i].set) {
			*out = f->best[i].list;
			return i == OTHERS && f->columns ? fail_columns(cx, f) : RC_OK;
		}
	if (!cut)
		return fail_nowhere(cx, f);
	guess_cut(f, out);
	return RC_OK;
}
