/*
 * wire.c - see wire.h.
 */
#include "net/wire.h"

#include <locale.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/pct.h"
#include "net/reach.h"
#include "net/header.h"
#include "net/retry.h"

enum { HEADER_MAX = 2000, BEGIN_MS = 2000 };

/* Two, because a kept connection to an address that only the operator may use must not serve a
 * user's request. */
static CURL *handles[2];
static CURLM *multis[2];
static locale_t utf8_names;

#ifdef TIDEMARK_STEPS
static const struct wire_player *player;

void
wire_play(const struct wire_player *p)
{
	player = p;
}
#endif

static enum rc
handle_get(struct ctx *cx, bool configured, CURL **out)
{
	if (utf8_names == (locale_t)0) {
		if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
			return fail(cx, E_UNAVAILABLE, NULL);
		utf8_names = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	}
	if (!multis[configured] && !(multis[configured] = curl_multi_init()))
		return fail(cx, E_MEMORY, NULL);
	if (!handles[configured] && !(handles[configured] = curl_easy_init()))
		return fail(cx, E_MEMORY, NULL);
	*out = handles[configured];
	return RC_OK;
}

char *
wire_url_part(struct arena *a, const char *url, CURLUPart part)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy = NULL;

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
		copy = arena_dup(a, text);
	curl_free(text);
	curl_url_cleanup(u);
	return copy;
}

enum rc
wire_open(struct ctx *cx, const char *url, bool configured, struct wire *out)
{
	*out = (struct wire){ .cx = cx, .url = url, .configured = configured };
	TRY(handle_get(cx, configured, &out->curl));
	out->host = wire_url_part(cx->a, url, CURLUPART_HOST);
	return out->host ? RC_OK : fail(cx, E_URL, "The address could not be understood.");
}

enum rc
wire_open_beside(struct ctx *cx, const char *url, bool configured, struct wire *out)
{
	TRY(wire_open(cx, url, configured, out));
	out->curl = curl_easy_init();
	return out->curl ? RC_OK : fail(cx, E_MEMORY, NULL);
}

/* The one place where an address is judged: the one really about to be connected to. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct wire *w = arg;

	(void)purpose;
	if (!w->configured &&
	    !reach_allows(&to->addr, (socklen_t)to->addrlen, conf_str(CONF_ALLOW_NETS))) {
		w->blocked = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void
wire_options(struct wire *w, int64_t connect_ms, struct curl_slist *headers)
{
	CURL *c = w->curl;

	w->headers = headers;
	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_PRIVATE, w);
	curl_easy_setopt(c, CURLOPT_URL, w->url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "Tidemark/" TIDEMARK_VERSION);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	/* An empty proxy also switches off those of the environment, which would connect in our
	 * place. */
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, w);
}

/* There is no way back to its beginning. Otherwise curl sends it a second time by itself when a
 * connection that was kept ends without an answer, though the first may have been heard. */
static size_t
wire_give(char *to, size_t size, size_t count, void *wire)
{
	struct wire *w = wire;
	const size_t room = size * count, left = w->body.n - w->given;
	const size_t n = left < room ? left : room;

	if (n > 0)
		memcpy(to, w->body.p + w->given, n);
	w->given += n;
	return n;
}

void
wire_request(struct wire *w, const char *method, struct str body)
{
	CURL *c = w->curl;

	w->method = method;
	w->body = body;
	if (body.p) {
		w->given = 0;
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, wire_give);
		curl_easy_setopt(c, CURLOPT_READDATA, w);
	} else if (!strcmp(method, "HEAD"))
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
}

static enum decode_word
wire_encoding(const struct wire *w)
{
	enum decode_word word = DECODE_NONE;
	const char *value;

	for (size_t i = 0; word == DECODE_NONE && (value = wire_header(w, "Content-Encoding", i));
	     i++)
		word = decode_word(value);
	return word;
}

bool
wire_packed(const struct wire *w)
{
	return wire_encoding(w) != DECODE_NONE;
}

size_t
wire_body(char *bytes, size_t size, size_t n, void *wire)
{
	struct wire *w = wire;

	if (!w->answered)
		w->decode = (struct decode){ .a = w->cx->a, .word = wire_encoding(w) };
	w->answered = true;
	return decode_piece(&w->decode, (struct str){ bytes, size * n }, w->on_body, w->arg)
	    ? size * n
	    : CURL_WRITEFUNC_ERROR;
}

void
wire_receive(struct wire *w, curl_write_callback on_body, void *arg)
{
	w->on_body = on_body;
	w->arg = arg;
	curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, wire_body);
	curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, w);
}

void
wire_watch(struct wire *w, curl_xferinfo_callback on_progress)
{
	w->on_progress = on_progress;
	curl_easy_setopt(w->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(w->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(w->curl, CURLOPT_XFERINFODATA, w->arg);
}

void
wire_timeout(struct wire *w, int64_t ms)
{
	w->timeout_ms = ms;
	curl_easy_setopt(w->curl, CURLOPT_TIMEOUT_MS, (long)ms);
}

static void
wire_ends(struct wire *w, CURLcode code)
{
	w->over = true;
	w->code = code;
}

/* All that go on are driven, and which of them have ended is written down. */
static void
wire_drive(struct wire *w)
{
	CURLM *multi = multis[w->configured];
	/* for names in other scripts */
	locale_t before = utf8_names ? uselocale(utf8_names) : (locale_t)0;
	int running, left;

	if (curl_multi_perform(multi, &running) != CURLM_OK)
		wire_ends(w, CURLE_OUT_OF_MEMORY);
	for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
		struct wire *of = NULL;

		if (m->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &of) == CURLE_OK && of)
			wire_ends(of, m->data.result);
	}
	if (before)
		uselocale(before);
}

static void
wire_start(struct wire *w)
{
	w->begun = true;
#ifdef TIDEMARK_STEPS
	if (player) {
		wire_ends(w, player->perform(w));
		return;
	}
#endif
	if (curl_multi_add_handle(multis[w->configured], w->curl) != CURLM_OK)
		wire_ends(w, CURLE_OUT_OF_MEMORY);
}

void
wire_begin(struct wire *w)
{
	const int64_t until = clock_mono_ms() + BEGIN_MS;

	wire_start(w);
	while (!w->over) {
		wire_drive(w);
		if (w->over || wire_sent(w) || clock_mono_ms() >= until)
			return;
		curl_multi_poll(multis[w->configured], NULL, 0, TICK_MS / 10, NULL);
	}
}

static CURLcode
wire_exchange(struct wire *w)
{
	if (!w->begun)
		wire_start(w);
	while (!w->over) {
		wire_drive(w);
		if (!w->over)
			curl_multi_poll(multis[w->configured], NULL, 0, TICK_MS, NULL);
	}
	curl_multi_remove_handle(multis[w->configured], w->curl);
	return w->code;
}

void
wire_close(struct wire *w)
{
	if (w->begun)
		curl_multi_remove_handle(multis[w->configured], w->curl);
	curl_easy_cleanup(w->curl);
	w->curl = NULL;
}

CURLcode
wire_perform(struct wire *w)
{
	CURLcode code = wire_exchange(w);

	if (code == CURLE_OK && w->answered && !decode_end(&w->decode, w->on_body, w->arg))
		code = w->decode.packed ? CURLE_PARTIAL_FILE : CURLE_WRITE_ERROR;
	return w->decode.broken ? CURLE_BAD_CONTENT_ENCODING : code;
}

enum rc
wire_header_add(struct ctx *cx, struct curl_slist **list, const char *name, const char *value)
{
	struct curl_slist *longer;

	if (!header_ok(name, value))
		return fail(cx, E_URL,
		    "A request header of this connection has a name or value that cannot be sent.");
	/* "Name;" is curl's spelling of a header without a value. */
	longer = curl_slist_append(
	    *list, arena_printf(cx->a, value[0] ? "%s: %s" : "%s;", name, value));
	if (!longer)
		return fail(cx, E_MEMORY, NULL);
	*list = longer;
	return RC_OK;
}

enum rc
wire_headers_add(struct ctx *cx, struct curl_slist **list, const json *headers)
{
	for (struct json_iter it = { 0 }; json_each(headers, &it);)
		if (json_is_str(it.value))
			TRY(wire_header_add(cx, list, it.key, json_value_str(it.value)));
	return RC_OK;
}

void
wire_headers_wipe(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

int
wire_status(const struct wire *w)
{
	long status = 0;

#ifdef TIDEMARK_STEPS
	if (w->played)
		return w->status;
#endif
	curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static const char *
wire_header_raw(const struct wire *w, const char *name, size_t n)
{
	struct curl_header *found;

#ifdef TIDEMARK_STEPS
	if (w->played)
		return player->header(w, name, n);
#endif
	if (curl_easy_header(w->curl, name, n, CURLH_HEADER, -1, &found) != CURLHE_OK)
		return NULL;
	return found->value;
}

const char *
wire_header(const struct wire *w, const char *name, size_t n)
{
	const struct str value = str_c(wire_header_raw(w, name, n));

	if (value.n == 0 || value.n > HEADER_MAX || !str_utf8_ok(value))
		return NULL;
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' && value.p[i] != '\t')
			return NULL;
	return arena_dup_str(w->cx->a, value);
}

const char *
wire_location(const struct wire *w)
{
	const struct str value = str_trim(str_c(wire_header_raw(w, "Location", 0)));
	struct buf *b = buf_in(w->cx->a, 3 * HEADER_MAX + 1);

	if (value.n == 0 || value.n > HEADER_MAX)
		return NULL;
	url_mend(b, value);
	return buf_c(b);
}

int64_t
wire_length(const struct wire *w)
{
	curl_off_t length = -1;

#ifdef TIDEMARK_STEPS
	if (w->played)
		return w->length;
#endif
	curl_easy_getinfo(w->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length;
}

bool
wire_sent(const struct wire *w)
{
	long request_bytes = 0;

	curl_easy_getinfo(w->curl, CURLINFO_REQUEST_SIZE, &request_bytes);
	return w->sent || request_bytes > 0;
}

/* The first of these headers that was sent. */
static const char *
wire_any(const struct wire *w, const char *const *names)
{
	const char *value = NULL;

	for (; *names && !value; names++)
		value = wire_header(w, *names, 0);
	return value;
}

bool
wire_limited(const struct wire *w, struct str body, int64_t *wait_ms)
{
	static const char *const remaining[] = { "X-RateLimit-Remaining", "RateLimit-Remaining",
		"X-Rate-Limit-Remaining", "X-RateLimit-Remaining-Requests", NULL };
	static const char *const reset[] = { "X-RateLimit-Reset", "RateLimit-Reset",
		"X-Rate-Limit-Reset", "X-RateLimit-Reset-Requests", NULL };
	const struct retry_signs signs = {
		.status = wire_status(w),
		.retry_after = wire_header(w, "Retry-After", 0),
		.remaining = wire_any(w, remaining),
		.reset = wire_any(w, reset),
		.limit = wire_header(w, "RateLimit", 0),
		.body = body,
	};

	return retry_limited(&signs, clock_ms(), wait_ms);
}

static enum rc
fail_tls(const struct wire *w, CURLcode code)
{
	/* X509_V_ERR_*; libcurl leaves UNSPECIFIED when it was something else than the chain. */
	enum { UNSPECIFIED = 1, NOT_YET_VALID = 9, EXPIRED = 10 };
	long why = 0;

	curl_easy_getinfo(w->curl, CURLINFO_SSL_VERIFYRESULT, &why);
	if (why == EXPIRED)
		return fail(w->cx, E_TLS, "The certificate of %s has expired.", w->host);
	if (why == NOT_YET_VALID)
		return fail(w->cx, E_TLS,
		    "The certificate of %s is not valid yet; is the clock of this machine right?",
		    w->host);
	if (why > UNSPECIFIED)
		return fail(w->cx, E_TLS,
		    "The certificate of %s was not issued by an authority that this machine "
		    "trusts.",
		    w->host);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return fail(w->cx, E_TLS, "The certificate of %s is for another name.", w->host);
	return fail(w->cx, E_TLS,
	    "No encrypted connection to %s could be made; perhaps its encryption is too old, or it "
	    "is none.",
	    w->host);
}

enum rc
wire_fail(const struct wire *w, CURLcode code)
{
	enum error_kind kind = retry_curl_kind((int)code);
	long os_error = 0;

	curl_easy_getinfo(w->curl, CURLINFO_OS_ERRNO, &os_error);
	if (w->blocked && code == CURLE_COULDNT_CONNECT)
		return reach_blocked(w->cx, w->host);
	if (code == CURLE_BAD_CONTENT_ENCODING)
		return fail(w->cx, kind,
		    "%s says Content-Encoding: %.40s, but what it sends cannot be unpacked.",
		    w->host, wire_header(w, "Content-Encoding", 0));
	if (kind == E_TLS && code == CURLE_SSL_CONNECT_ERROR && os_error != 0)
		kind = E_NETWORK;
	if (kind == E_NETWORK && w->got > 0)
		kind = E_TRUNCATED;
	switch (kind) {
	case E_TLS:
		return fail_tls(w, code);
	case E_DNS:
		return fail(w->cx, kind, "The name %s was not found.", w->host);
	case E_TRUNCATED:
		return fail(w->cx, kind, "The answer of %s broke off after %lld bytes.", w->host,
		    (long long)w->got);
	case E_URL:
		return fail(w->cx, kind, "%s is not a server name that can be looked up.", w->host);
	case E_SOURCE_STATUS:
		return fail(w->cx, kind, "%s did not answer as a web server does.", w->host);
	case E_UNAVAILABLE:
		return fail(w->cx, kind, NULL);
	default:
		if (code == CURLE_OPERATION_TIMEDOUT)
			return fail(w->cx, kind, "%s could not be reached in time.", w->host);
		if (code == CURLE_COULDNT_CONNECT)
			return fail(w->cx, kind, "%s does not accept connections.", w->host);
		return fail(w->cx, kind, "The connection to %s broke.", w->host);
	}
}

enum rc
wire_fail_status(struct ctx *cx, const char *host, int status, bool limited, int64_t wait_ms)
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
		{ E_NOT_READY, "it has taken the request and has nothing to show yet" },
	};
	enum error_kind kind = limited ? E_RATE_LIMITED : retry_status_kind(status);
	const char *text = "Tidemark cannot use this answer";
	enum rc rc;

	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].kind == kind)
			text = meanings[i].text;
	if (kind == E_NONE)
		kind = E_SOURCE_STATUS;
	rc = fail(cx, kind, "%s answered %d: %s.", host, status, text);
	cx->err.wait_ms = wait_ms;
	return rc;
}
