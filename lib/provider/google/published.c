/*
 * published.c - see published.h.
 */
#include "provider/google/published.h"

static bool
published_says(struct str head, const char *word)
{
	return memmem(head.p, head.n, word, strlen(word)) != NULL;
}

bool
published_is(const char *url)
{
	return str_istarts(str_c(url), "https://docs.google.com/") ||
	    str_istarts(str_c(url), "https://spreadsheets.google.com/");
}

const char *
published_sign_in(const char *final_url, struct str head)
{
	if (!str_istarts(str_c(final_url), "https://accounts.google.com/") &&
	    !published_says(head, "accounts.google.com") &&
	    !published_says(head, "Google Accounts"))
		return NULL;
	return "Google asks for a sign-in instead of showing the sheet. In the sheet choose "
	       "Share and set \"Anyone with the link\" to Viewer, or use File, Share, Publish "
	       "to web, and try again.";
}

enum rc
published_explain(struct ctx *cx, const char *url, enum rc rc)
{
	if (!published_is(url))
		return rc;
	if (cx->err.kind == E_SOURCE_AUTH || cx->err.kind == E_SOURCE_DENIED)
		return fail(cx, E_SOURCE_DENIED,
		    "Google does not show this sheet without a sign-in. In the sheet choose Share "
		    "and set \"Anyone with the link\" to Viewer, or use File, Share, Publish to "
		    "web.");
	if (cx->err.kind == E_SOURCE_GONE)
		return fail(cx, E_SOURCE_GONE,
		    "Google knows no such sheet or tab any more: it was deleted, or is no longer "
		    "published.");
	return rc;
}
