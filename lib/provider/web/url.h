/*
 * url.h - what sources by URL share: the conditional and resumable GET into a spool, recognition
 * of web pages.
 *
 * The cursor of a URL source is {"url_hash", "etag", "lastModified"}: the validators of the last
 * complete read, sent back only for the same address. Called by the providers of this directory
 * alone.
 */
#ifndef PROVIDER_WEB_URL_H
#define PROVIDER_WEB_URL_H

#include "net/http.h"
#include "provider/provider.h"

struct url_get {
	const char *url;    /* NULL: the configured one */
	const char *accept; /* the Accept header, or NULL */
	/* the whole source is this one answer: send the cursor's validators, leave new ones in
	 * fetch->cursor */
	bool conditional;
	bool html_ok; /* do not refuse a web page */
};

/* Brings one page: body to fetch->write, resumed at fetch->offset where the server allows it,
 * fetch->unchanged on 304, and fills content_type, cut, cursor and calls. fetch->next_page is
 * left to the caller; reply (may be NULL) has the Link target and the final address. A web page
 * where data should be is E_HTML before anything is written. The configured headers and the
 * secret "authorization" go only where the configured address points. */
MUST enum rc url_fetch(struct ctx *, const struct source *, struct fetch *, const struct url_get *,
    struct http_reply *reply);

/* The configured address, with what is secret in it; where that is not there, with VEIL in its
 * place (kind/veil_url.h), which url_fetch() refuses. NULL: there is none. */
const char *url_home(struct arena *, const struct source *);
/* The address of a later page as it may be written down, and back. */
const char *url_page_veiled(struct arena *, const struct source *, const char *url);
const char *url_page(struct arena *, const struct source *, const char *veiled);
/* A name for the dataset: the file name in the address, or its host. Never anything of the
 * query, and nothing secret. */
const char *url_title(struct arena *, const char *url);
/* The charset of a content type in lower case, or NULL. */
const char *url_charset(struct arena *, const char *content_type);
/* Does a body that begins like this, sent under this type (NULL: none), show a web page? */
bool url_is_html(const char *content_type, struct str head);

#endif
