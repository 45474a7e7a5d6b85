/* What anybody may send to the receiver of Notion's messages. */
#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "kind/kind.h"
#include "kind/notion_link.h"

static const char *
signature(const void *arg, const char *name)
{
	must(!strcmp(name, "x-notion-signature"));
	return arg;
}

static void
check_id(struct ctx *cx, const char *id)
{
	must(!strcmp(notion_link_id(cx->a, id), id));
}

/* Signature and body with a byte 1e between; a signature "-" is not sent. Whatever is understood is
 * whole: ids as the product writes them, and a secret with nothing beside it. */
void
fuzz_signed(struct ctx *cx, struct str in)
{
	const struct kind_receiver *receiver = kind_receiving("notion")->receiver;
	struct str body, head = str_cut(in, '\x1e', &body);
	const struct kind_request r = {
		.a = cx->a,
		.header = signature,
		.arg = str_is(head, "-") ? NULL : arena_dup_str(cx->a, head),
		.body = body,
	};
	struct kind_call said;

	if (!body.p || !receiver->receive(&r, &said))
		return;
	must(!said.channel && !said.token && !said.resource);
	must(said.secret ? *said.secret && !said.id && !said.item && !said.about[0] : !!said.id);
	for (size_t i = 0; i < KIND_ABOUT && said.about[i]; i++)
		check_id(cx, said.about[i]);
	if (said.item)
		check_id(cx, said.item);
	must(!said.gone || said.item);
}
