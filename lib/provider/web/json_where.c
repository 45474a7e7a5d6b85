/*
 * json_where.c - see json_where.h.
 */
#include "provider/web/json_where.h"

#include "provider/web/known.h"

static const char *const words[] = {
	[JSON_LIST] = "list",
	[JSON_MEMBERS] = "members",
	[JSON_ONE] = "one",
};

const char *
json_shape_word(enum json_shape shape)
{
	return shape == JSON_POSITIONS ? words[JSON_LIST] : words[shape];
}

static enum json_shape
shape_of(const char *word)
{
	for (size_t i = 0; word && i < sizeof words / sizeof words[0]; i++)
		if (words[i] && strcmp(words[i], word) == 0)
			return (enum json_shape)i;
	return JSON_NOWHERE;
}

enum rc
json_where(struct ctx *cx, const struct source *src, struct json_where *out)
{
	const char *said = json_str(src->config, "records"), *why;
	const char *found = known_str(src, "records");
	struct jpath before;

	*out = (struct json_where){ .shape = JSON_NOWHERE };
	if (found && !jpath_parse(cx->a, found, &before, &why))
		found = NULL;
	if (said && !jpath_parse(cx->a, said, &out->path, &why))
		return fail(cx, E_JSON_PATH, "The path of the records cannot be used: %s.", why);
	if (!said && found)
		out->path = before;
	out->any = !said && !found;
	out->known = !said && found;
	if (found && jpath_same(&before, &out->path))
		out->shape = shape_of(known_str(src, "shape"));
	return RC_OK;
}

struct json_finder *
json_where_finder(struct arena *a, const struct json_where *where, bool whole)
{
	return json_finder_new(a, where->any ? NULL : &where->path, where->shape, whole);
}

enum rc
json_where_explain(struct ctx *cx, const struct json_where *where, enum rc rc)
{
	char detail[sizeof cx->err.detail];

	if (rc == RC_OK || !where->known || cx->err.kind != E_JSON_PATH)
		return rc;
	memcpy(detail, cx->err.detail, sizeof detail);
	return fail(cx, E_SHAPE, "%.400s The records were there before.", detail);
}
