/*
 * http.c - one guarded GET over libcurl, redirects followed by our own loop.
 *
 * One easy handle lives as long as the process: its connections, TLS sessions and names are reused. Every option is set afresh for every
 * request, so nothing of one source's request reaches another's.
 */
#include "net/http.h"

#include <curl/curl.h>
#include <locale.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/conf.h"
#include "net/guard.h"
#include "net/header.h"
#include "net/retry.h"

enum {
	REDIRECTS_MAX = 5,
	CONNECT_MS_MAX = 30 * 1000,
	DRAIN_MAX = 16 * 1024,      /* of a body nobody reads; beyond it the connection is given up */
	HEADER_MAX = 2000,
	TICK_MS = 250,
	RECEIVE_BYTES = 128 * 1024
};

enum stop {
	STOP_NONE,
	STOP_CALLBACK,
	STOP_TOO_LARGE,
	STOP_SILENT,
	STOP_LATE,
	STOP_ENOUGH,
	STOP_DRAINED,
	STOP_RANGE
};

/* One request of a get: the first or a redirected one. */
struct hop {
	struct ctx *cx;
	const struct http_get *get;
	struct http_reply *reply;
	CURL *curl;
	const char *url;
	const char *host;
	int64_t offset;
	int64_t began_ms, heard_ms, ticked_ms;
	int64_t expected;           /* bytes on the wire; -1: not known */
	int64_t wire, got, drained;
	enum stop stop;
	enum rc rc;                 /* of the callback behind STOP_CALLBACK */
	bool headed, blocked;
};

static CURL *handle;
static locale_t utf8_names;

static enum rc
handle_get(struct ctx *cx, CURL **out)
{
	if (handle == NULL) {
		if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (handle = curl_easy_init()) == NULL)
			return fail(cx, E_UNAVAILABLE, NULL);
		utf8_names = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	}
	*out = handle;
	return RC_OK;
}

static char *
url_part(struct arena *a, const char *url, CURLUPart part)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy = NULL;

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
		copy = arena_dup(a, text);
	curl_free(text);
	curl_url_cleanup(u);
	return copy;
}

bool
http_same_origin(struct arena *a, const char *x, const char *y)
{
	static const CURLUPart parts[] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *px = url_part(a, x, parts[i]), *py = url_part(a, y, parts[i]);
		if (px == NULL || py == NULL || !str_ieq(str_c(px), str_c(py)))
			return false;
	}
	return true;
}

char *
http_resolve(struct arena *a, const char *base, const char *ref)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy = NULL;

	if (u && base && ref && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK && curl_url_set(u, CURLUPART_URL, ref, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK)
		copy = arena_dup(a, text);
	curl_free(text);
	curl_url_cleanup(u);
	if (copy && !str_istarts(str_c(copy), "http://") && !str_istarts(str_c(copy), "https://"))
		return NULL;
	return copy;
}

/* A header of the final response, the n-th of that name; NULL when absent or not plain text of a sane length. */
static const char *
header_get(struct hop *h, const char *name, size_t n)
{
	struct curl_header *found;
	size_t len;

	if (curl_easy_header(h->curl, name, n, CURLH_HEADER, -1, &found) != CURLHE_OK)
		return NULL;
	len = strlen(found->value);
	if (len == 0 || len > HEADER_MAX || !str_utf8_ok((struct str){ found->value, len }))
		return NULL;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)found->value[i] < ' ' && found->value[i] != '\t')
			return NULL;
	return arena_dup(h->cx->a, found->value);
}

static int
status_of(struct hop *h)
{
	long status = 0;

	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* Does "bytes 100-199/200" begin at the offset we asked for? */
static bool
range_fits(struct hop *h)
{
	const char *text = header_get(h, "Content-Range", 0);
	struct str rest, unit, first;
	int64_t from;

	if (text == NULL)
		return false;
	unit = str_cut(str_trim(str_c(text)), ' ', &rest);
	if (!str_ieq(unit, STR("bytes")) || rest.p == NULL)
		return false;
	first = str_cut(str_trim(rest), '-', &rest);
	return str_i64(first, 0, INT64_MAX, &from) && from == h->offset;
}

static void
read_head(struct hop *h)
{
	struct http_reply *r = h->reply;
	const char *link;
	curl_off_t length = -1;

	r->status = status_of(h);
	r->etag = header_get(h, "ETag", 0);
	r->last_modified = header_get(h, "Last-Modified", 0);
	r->content_type = header_get(h, "Content-Type", 0);
	r->packed = header_get(h, "Content-Encoding", 0) != NULL;
	r->range_ok = r->status == 206;
	r->fresh = header_is_fresh(header_get(h, "Date", 0), r->last_modified, r->etag, clock_ms());
	r->final_url = h->url;
	r->link_next = NULL;
	for (size_t i = 0; r->link_next == NULL && (link = header_get(h, "Link", i)) != NULL; i++) {
		const char *target = header_link_next(h->cx->a, link);
		if (target)
			r->link_next = http_resolve(h->cx->a, h->url, target);
	}
	curl_easy_getinfo(h->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	h->expected = length > 0 ? length : -1;
}

static bool
status_is_data(int status)
{
	return status == 200 || status == 203 || status == 206;
}

/* Looks at the final head once, before the body or, when there is none, after the transfer. False: h->stop says why not to go on. */
static bool
head_once(struct hop *h)
{
	if (h->headed)
		return h->stop == STOP_NONE;
	h->headed = true;
	if (!status_is_data(status_of(h)))
		return true;
	read_head(h);
	if (h->reply->status == 206 && (h->offset == 0 || !range_fits(h)))
		h->stop = STOP_RANGE;
	else if (!h->reply->packed && h->expected > h->get->max_bytes)
		h->stop = STOP_TOO_LARGE;
	else if (h->get->head && (h->rc = h->get->head(h->get->arg, h->cx, h->reply)) != RC_OK)
		h->stop = STOP_CALLBACK;
	return h->stop == STOP_NONE;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct hop *h = arg;
	const size_t n = size * count;

	if (!head_once(h))
		return CURL_WRITEFUNC_ERROR;
	if (!status_is_data(status_of(h))) {
		h->drained += (int64_t)n;
		if (h->drained > DRAIN_MAX)
			h->stop = STOP_DRAINED;
		return h->stop == STOP_NONE ? n : CURL_WRITEFUNC_ERROR;
	}
	if ((int64_t)n > h->get->max_bytes - h->got) {
		h->stop = STOP_TOO_LARGE;
		return CURL_WRITEFUNC_ERROR;
	}
	h->got += (int64_t)n;
	h->reply->bytes = h->got;
	h->rc = h->get->body ? h->get->body(h->get->arg, h->cx, bytes, n) : RC_OK;
	h->heard_ms = clock_mono_ms();    /* the time the callback took is not the server's silence */
	if (h->rc != RC_OK)
		h->stop = STOP_CALLBACK;
	else if (h->get->enough_bytes > 0 && h->got >= h->get->enough_bytes && (h->reply->packed || h->got != h->expected))
		h->stop = STOP_ENOUGH;
	return h->stop == STOP_NONE ? n : CURL_WRITEFUNC_ERROR;
}

static size_t
on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct hop *h = arg;

	(void)bytes;
	h->heard_ms = clock_mono_ms();
	return size * count;
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct hop *h = arg;
	const int64_t ms = clock_mono_ms();

	(void)total, (void)up_total, (void)up_now;
	if (now != h->wire) {
		h->wire = now;
		h->heard_ms = ms;
	}
	if (h->stop != STOP_NONE)
		return 1;
	if (ms - h->heard_ms >= h->get->silence_ms)
		h->stop = STOP_SILENT;
	else if (h->get->deadline_ms > 0 && ms - h->began_ms >= h->get->deadline_ms)
		h->stop = STOP_LATE;
	else if (h->get->tick && ms - h->ticked_ms >= TICK_MS) {
		const bool data = h->headed && status_is_data(status_of(h));
		h->ticked_ms = ms;
		h->rc = h->get->tick(h->get->arg, h->cx, data ? h->wire : 0, data ? h->expected : -1);
		if (h->rc != RC_OK)
			h->stop = STOP_CALLBACK;
	}
	return h->stop != STOP_NONE;
}

/* The one place where an address is judged: the one really about to be connected to. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct hop *h = arg;

	(void)purpose;
	if (!guard_allows(&to->addr, (socklen_t)to->addrlen, conf_str(CONF_ALLOW_NETS))) {
		h->blocked = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static enum rc
list_add(struct ctx *cx, struct curl_slist **list, const char *name, const char *value)
{
	struct curl_slist *longer;

	if (!header_ok(name, value))
		return fail(cx, E_INPUT, "A request header of this connection has a name or value that cannot be sent.");
	/* "Name;" is curl's spelling of a header without a value. */
	longer = curl_slist_append(*list, arena_printf(cx->a, value[0] ? "%s: %s" : "%s;", name, value));
	if (longer == NULL)
		return fail(cx, E_UNAVAILABLE, NULL);
	*list = longer;
	return RC_OK;
}

static enum rc
list_add_all(struct ctx *cx, struct curl_slist **list, const json *headers)
{
	for (struct json_iter it = { 0 }; json_each(headers, &it);)
		if (json_is_str(it.value))
			TRY(list_add(cx, list, it.key, json_value_str(it.value)));
	return RC_OK;
}

static enum rc
make_headers(struct hop *h, struct curl_slist **list)
{
	const struct http_get *g = h->get;
	struct ctx *cx = h->cx;

	if (g->accept)
		TRY(list_add(cx, list, "Accept", g->accept));
	if (h->offset > 0) {
		TRY(list_add(cx, list, "Range", arena_printf(cx->a, "bytes=%lld-", (long long)h->offset)));
		if (g->if_range)
			TRY(list_add(cx, list, "If-Range", g->if_range));
	}
	if (g->if_none_match)
		TRY(list_add(cx, list, "If-None-Match", g->if_none_match));
	if (g->if_modified_since)
		TRY(list_add(cx, list, "If-Modified-Since", g->if_modified_since));
	if (h->url == g->url || http_same_origin(cx->a, g->url, h->url)) {
		TRY(list_add_all(cx, list, g->headers));
		TRY(list_add_all(cx, list, g->secret_headers));
	}
	return RC_OK;
}

static void
list_wipe(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

static void
set_options(struct hop *h, struct curl_slist *list)
{
	CURL *c = h->curl;
	const int64_t patience = h->get->silence_ms < CONNECT_MS_MAX ? h->get->silence_ms : CONNECT_MS_MAX;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, h->url);
	curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "Tidemark/" TIDEMARK_VERSION);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	/* An empty proxy also switches off those of the environment, which would connect in our place. */
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* Byte offsets count the unpacked body, so a resumed body must come as it is. */
	if (h->offset == 0)
		curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)patience);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, h);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
}

static enum rc
fail_tls(struct hop *h)
{
	enum { EXPIRED = 10, NOT_YET_VALID = 9 };   /* X509_V_ERR_* */
	long why = 0;

	curl_easy_getinfo(h->curl, CURLINFO_SSL_VERIFYRESULT, &why);
	if (why == EXPIRED)
		return fail(h->cx, E_TLS, "The certificate of %s has expired.", h->host);
	if (why == NOT_YET_VALID)
		return fail(h->cx, E_TLS, "The certificate of %s is not valid yet; is the clock of this machine right?", h->host);
	if (why != 0)
		return fail(h->cx, E_TLS, "The certificate of %s was not issued by an authority that this machine trusts.", h->host);
	return fail(h->cx, E_TLS, "No trustworthy encrypted connection to %s could be made: the certificate is for another name, or the "
	    "server's encryption is too old.",
	    h->host);
}

static enum rc
fail_transfer(struct hop *h, CURLcode code)
{
	enum error_kind kind = retry_curl_kind((int)code);
	long os_error = 0;

	curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &os_error);
	if (h->blocked && code == CURLE_COULDNT_CONNECT)
		return fail(h->cx, E_ADDRESS_BLOCKED, "%s leads to a private network, which Tidemark does not read unless its operator allows "
		    "it.", h->host);
	if (kind == E_TLS && code == CURLE_SSL_CONNECT_ERROR && os_error != 0)
		kind = E_NETWORK;
	if (kind == E_NETWORK && h->got > 0)
		kind = E_TRUNCATED;
	switch (kind) {
	case E_TLS:
		return fail_tls(h);
	case E_DNS:
		return fail(h->cx, kind, "The name %s was not found.", h->host);
	case E_TRUNCATED:
		return fail(h->cx, kind, "The answer of %s broke off after %lld bytes.", h->host, (long long)h->got);
	case E_URL:
		return fail(h->cx, kind, "%s is not a server name that can be looked up.", h->host);
	case E_SOURCE_STATUS:
		return fail(h->cx, kind, "%s did not answer as a web server does.", h->host);
	case E_UNAVAILABLE:
		return fail(h->cx, kind, NULL);
	default:
		if (code == CURLE_OPERATION_TIMEDOUT)
			return fail(h->cx, kind, "%s could not be reached in time.", h->host);
		if (code == CURLE_COULDNT_CONNECT)
			return fail(h->cx, kind, "%s does not accept connections.", h->host);
		return fail(h->cx, kind, "The connection to %s broke.", h->host);
	}
}

static enum rc
fail_status(struct hop *h, int status)
{
	static const struct {
		enum error_kind kind;
		const char *text;
	} meanings[] = {
		{ E_SOURCE_AUTH, "it wants credentials, or does not accept the ones given" },
		{ E_SOURCE_DENIED, "it refuses to show this" },
		{ E_SOURCE_GONE, "there is nothing at this address" },
		{ E_RATE_LIMITED, "it asks to be called less often" },
		{ E_SOURCE_5XX, "it cannot answer at the moment" },
	};
	enum error_kind kind = retry_status_kind(status);
	const char *text = "Tidemark cannot use this answer";
	const int64_t wait = retry_after_ms(header_get(h, "Retry-After", 0), clock_ms());
	enum rc rc;

	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].kind == kind)
			text = meanings[i].text;
	if (kind == E_NONE)
		kind = E_SOURCE_STATUS;
	rc = fail(h->cx, kind, "%s answered %d: %s.", h->host, status, text);
	h->cx->err.wait_ms = wait;
	return rc;
}

static enum rc
fail_stop(struct hop *h)
{
	const struct http_get *g = h->get;

	if (h->stop == STOP_CALLBACK)
		return h->rc;
	if (h->stop == STOP_SILENT)
		return fail(h->cx, E_SILENT, "%s has sent nothing for %lld seconds.", h->host, (long long)((g->silence_ms + SECOND_MS - 1) / SECOND_MS));
	if (h->stop == STOP_LATE)
		return fail(h->cx, E_SILENT, "%s was not done after %lld seconds.", h->host, (long long)((g->deadline_ms + SECOND_MS - 1) / SECOND_MS));
	return fail(h->cx, E_SOURCE_TOO_LARGE, "The answer of %s is larger than the %lld bytes that are allowed.", h->host,
	    (long long)g->max_bytes);
}

/* Decides what the finished request means. *next: the address to go on with, or NULL. *again: the same once more, without the offset. */
static enum rc
conclude(struct hop *h, CURLcode code, const char **next, bool *again)
{
	int status;

	h->reply->cut = h->stop == STOP_ENOUGH;
	if (h->stop == STOP_RANGE && h->offset > 0) {
		*again = true;
		return RC_OK;
	}
	if (h->stop == STOP_RANGE)
		return fail_status(h, 206);
	if (h->stop == STOP_ENOUGH)
		return RC_OK;
	if (h->stop != STOP_NONE && h->stop != STOP_DRAINED)
		return fail_stop(h);
	status = status_of(h);
	if (code != CURLE_OK && h->stop != STOP_DRAINED && (status == 0 || status_is_data(status)))
		return fail_transfer(h, code);
	if (status_is_data(status)) {
		if (head_once(h))
			return RC_OK;
		return h->stop == STOP_RANGE ? fail_status(h, status) : fail_stop(h);
	}
	if (status == 416 && h->offset > 0) {
		*again = true;
		return RC_OK;
	}
	if (status == 304 && (h->get->if_none_match || h->get->if_modified_since)) {
		read_head(h);
		return RC_OK;
	}
	if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
		const char *to = header_get(h, "Location", 0);
		if (to == NULL)
			return fail(h->cx, E_REDIRECTS, "%s redirects without saying where to.", h->host);
		*next = http_resolve(h->cx->a, h->url, to);
		if (*next == NULL)
			return fail(h->cx, E_REDIRECTS, "%s redirects to something that is not a web address.", h->host);
		return RC_OK;
	}
	return fail_status(h, status);
}

static enum rc
request(struct hop *h, const char **next, bool *again)
{
	struct curl_slist *list = NULL;
	enum rc rc = make_headers(h, &list);
	locale_t before;
	CURLcode code;

	if (rc == RC_OK) {
		set_options(h, list);
		before = utf8_names ? uselocale(utf8_names) : (locale_t)0;   /* for names in other scripts */
		h->reply->calls++;
		code = curl_easy_perform(h->curl);
		if (before)
			uselocale(before);
		rc = conclude(h, code, next, again);
		curl_easy_reset(h->curl);
	}
	list_wipe(list);
	return rc;
}

enum rc
http_get(struct ctx *cx, const struct http_get *get, struct http_reply *reply)
{
	const char *url = get->url, *next;
	const int64_t began = clock_mono_ms();
	int64_t offset = get->offset;
	CURL *curl = NULL;
	bool again;

	*reply = (struct http_reply){ 0 };
	TRY(guard_check_url(cx, url));
	TRY(handle_get(cx, &curl));
	for (int redirects = 0;;) {
		struct hop h = { .cx = cx, .get = get, .reply = reply, .curl = curl, .url = url, .offset = offset, .expected = -1,
			.began_ms = began, .heard_ms = clock_mono_ms(), .ticked_ms = began };

		h.host = url_part(cx->a, url, CURLUPART_HOST);
		if (h.host == NULL)
			return fail(cx, E_URL, "The address could not be understood.");
		next = NULL;
		again = false;
		TRY(request(&h, &next, &again));
		if (again) {
			offset = 0;
			continue;
		}
		if (next == NULL)
			return RC_OK;
		if (++redirects > REDIRECTS_MAX)
			return fail(cx, E_REDIRECTS, "%s redirects in a circle, or more than %d times.", h.host, REDIRECTS_MAX);
		if (str_istarts(str_c(url), "https://") && !str_istarts(str_c(next), "https://"))
			return fail(cx, E_REDIRECTS, "%s redirects from an encrypted address to an unencrypted one, which Tidemark does not follow.", h.host);
		TRY(guard_check_url(cx, next));
		url = next;
	}
}
