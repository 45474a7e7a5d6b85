/*
 * fake_drive.c - Drive v3 as far as spreadsheets need it: files, versions, copies, export, watches.
 */
#include "fake/world.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define SHEET_TYPE "application/vnd.google-apps.spreadsheet"
#define FILE_FIELDS "kind,id,name,mimeType,description,starred,trashed,explicitlyTrashed,parents,spaces,version,webViewLink,iconLink,createdTime,modifiedTime," \
	"viewedByMeTime,modifiedByMeTime,owners,lastModifyingUser,shared,ownedByMe,capabilities,permissions,size,driveId,resourceKey,exportLinks,md5Checksum," \
	"sha1Checksum,sha256Checksum,headRevisionId,sharedWithMeTime,sharingUser,properties,appProperties,trashedTime,quotaBytesUsed,viewedByMe,isAppAuthorized"

enum { HOUR_S = 3600, DAY_S = 86400 };

static json *
user_json(struct arena *a, const struct account *who, bool me)
{
	json *j = json_new(a);

	json_set_str(j, "kind", "drive#user");
	json_set_str(j, "displayName", who->name);
	json_set_bool(j, "me", me);
	json_set_str(j, "permissionId", who->sub);
	json_set_str(j, "emailAddress", who->email);
	return j;
}

static void
set_time(struct call *c, json *j, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(ms, text);
	json_set_str(j, name, arena_printf(c->a, "%.19s.%03dZ", text, (int)(ms % 1000)));
}

/* All of a file; a call that asks for no fields gets the first four. */
static json *
file_json(struct call *c, const struct file *file)
{
	json *j = json_new(c->a), *owners = json_list(c->a);

	json_set_str(j, "kind", "drive#file");
	json_set_str(j, "id", file->id);
	json_set_str(j, "name", file->name);
	json_set_str(j, "mimeType", SHEET_TYPE);
	json_set_bool(j, "starred", false);
	json_set_bool(j, "trashed", file->trashed);
	json_set_bool(j, "explicitlyTrashed", file->trashed);
	json_set_str(j, "version", arena_printf(c->a, "%lld", (long long)file->version));
	json_set_str(j, "webViewLink", arena_printf(c->a, "https://docs.google.com/spreadsheets/d/%s/edit?usp=drivesdk", file->id));
	set_time(c, j, "createdTime", file->created);
	set_time(c, j, "modifiedTime", file->modified);
	json_add(owners, user_json(c->a, file->owner, file->owner == c->who));
	json_set(j, "owners", owners);
	json_set(j, "lastModifyingUser", user_json(c->a, file->owner, file->owner == c->who));
	json_set_bool(j, "shared", json_len(file->shared) > 0);
	json_set_bool(j, "ownedByMe", file->owner == c->who);
	json_set_str(j, "size", "1024");
	return j;
}

static void
reply_file(struct call *c, const struct file *file)
{
	if (!query_of(c, "fields"))
		c->fields = mask_parse(c->a, "kind,id,name,mimeType");
	reply_json(c, 200, file_json(c, file));
}

static void
do_get(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);
	const char *alt = query_of(c, "alt");

	if (!file)
		return;
	if (alt && strcmp(alt, "media") == 0) {
		refuse(c, &(struct refusal){ .status = 403, .reason = "fileNotDownloadable", .location_type = "parameter", .location = "alt",
			.message = "Only files with binary content can be downloaded. Use Export with Docs Editors files." });
		return;
	}
	reply_file(c, file);
}

static void
do_create(struct call *c)
{
	const char *name = json_str(c->body, "name"), *type = json_str(c->body, "mimeType");
	struct file *file;

	if (!type || strcmp(type, SHEET_TYPE) != 0) {
		refuse(c, &(struct refusal){ .status = 400, .reason = "badRequest", .message = "This stand-in makes spreadsheets only." });
		return;
	}
	file = file_add(c->f, c->who, name ? name : "Untitled", NULL);
	file->picked = true;
	tab_add(c->f, file, "Sheet1", 1000, 26);
	reply_file(c, file);
}

static void
do_copy(struct call *c)
{
	const struct file *from = file_of_call(c, c->part[0], false);
	const char *name = json_str(c->body, "name");
	struct file *to;

	if (!from)
		return;
	to = file_add(c->f, c->who, name ? name : arena_printf(c->a, "Copy of %s", from->name), NULL);
	to->picked = true;
	to->locale = from->locale;
	to->zone = from->zone;
	for (const struct tab *t = from->tabs; t; t = t->next) {
		struct tab *n = tab_add(c->f, to, t->title, t->rows, t->cols);

		n->id = t->id;
		n->type = t->type;
		n->hidden = t->hidden;
		for (size_t r = 0; r < t->nrow; r++)
			for (uint32_t k = 0; k < t->row[r].n; k++)
				*cell_make(c->f, n, (int64_t)r, k) = t->row[r].c[k];
	}
	reply_file(c, to);
}

static void
do_delete(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);

	if (!file)
		return;
	if (file->owner != c->who) {
		refuse(c, &(struct refusal){ .status = 403, .reason = "insufficientFilePermissions", .message = "The user does not have sufficient permissions for this file." });
		return;
	}
	file->gone = true;
	file_touch(c->f, file, "remove", NULL);
	c->rep->status = 204;
}

static void
do_update(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);
	const char *name = json_str(c->body, "name");
	bool trashed;

	if (!file)
		return;
	trashed = json_flag(c->body, "trashed", file->trashed);
	if (name)
		file->name = arena_dup(c->f->a, name);
	if (trashed != file->trashed) {
		file->trashed = trashed;
		file_touch(c->f, file, trashed ? "trash" : "untrash", NULL);
	} else {
		file_touch(c->f, file, "update", "properties");
	}
	reply_file(c, file);
}

/*
 * Lists: mimeType, name and trashed, joined by "and".
 */
static bool
term_fits(struct arena *a, struct str term, const struct file *file, bool *bad)
{
	struct str t = str_trim(term), value;
	size_t name = 0, op;
	const char *quoted;

	while (name < t.n && t.p[name] != ' ' && t.p[name] != '=' && t.p[name] != '!')
		name++;
	value = str_trim((struct str){ t.p + name, t.n - name });
	op = strspn(arena_dup_str(a, value), "=!");
	if (str_istarts(value, "contains"))
		op = 8;
	quoted = arena_dup_str(a, str_trim((struct str){ value.p + op, value.n - op }));
	if (strlen(quoted) >= 2 && (*quoted == '\'' || *quoted == '"'))
		quoted = arena_dup_str(a, (struct str){ quoted + 1, strlen(quoted) - 2 });
	t.n = name;
	if (op == 8 && str_is(t, "name"))
		return strcasestr(file->name, quoted) != NULL;
	if (str_is(t, "mimeType") && op > 0)
		return (strcmp(quoted, SHEET_TYPE) == 0) == (*value.p == '=');
	if (str_is(t, "name") && op > 0) {
		struct buf *b = buf_in(a, 4000);

		/* Quotes in names come escaped. */
		for (const char *p = quoted; *p; p++)
			if (*p != '\\' || !p[1])
				buf_ch(b, *p);
		return (strcmp(buf_c(b), file->name) == 0) == (*value.p == '=');
	}
	if (str_is(t, "trashed") && op > 0)
		return file->trashed == ((strcmp(quoted, "true") == 0) == (*value.p == '='));
	*bad = true;
	return false;
}

static bool
query_fits(struct arena *a, const char *q, const struct file *file, bool *bad)
{
	while (q && *q) {
		const char *and = strcasestr(q, " and ");
		size_t n = and ? (size_t)(and - q) : strlen(q);

		if (!term_fits(a, (struct str){ q, n }, file, bad))
			return false;
		q = and ? and + 5 : NULL;
	}
	return true;
}

/* "modifiedTime desc,name": the keys that count here; others are known and change nothing. False for one that is none. */
static bool
order_files(const char *orders, const struct file **v, size_t n)
{
	static const char *const known[] = { "createdTime", "modifiedTime", "name", "name_natural", "folder", "modifiedByMeTime", "quotaBytesUsed", "recency", "sharedWithMeTime",
		"starred", "viewedByMeTime" };
	struct str rest = str_c(orders), way, one;
	size_t k;
	bool down;

	while (rest.p) {
		one = str_cut(str_trim(str_cut(rest, ',', &rest)), ' ', &way);
		down = way.p && str_is(str_trim(way), "desc");
		for (k = 0; k < sizeof known / sizeof *known && !str_is(one, known[k]);)
			k++;
		if (k == sizeof known / sizeof *known || (way.p && !down))
			return false;
		/* Insertion keeps equals in their order; the first key is the one that counts most, and later ones are left alone. */
		for (size_t i = 1; i < n && k < 4; i++)
			for (size_t j = i; j > 0; j--) {
				const struct file *x = v[j - 1], *y = v[j];
				int64_t order = k == 0 ? x->created - y->created : k == 1 ? x->modified - y->modified : strcasecmp(x->name, y->name);

				if ((down ? -order : order) <= 0)
					break;
				v[j - 1] = y;
				v[j] = x;
			}
		n = k < 4 ? 0 : n;
	}
	return true;
}

static void
do_list(struct call *c)
{
	const char *q = query_of(c, "q"), *size = query_of(c, "pageSize"), *page = query_of(c, "pageToken");
	json *top = json_new(c->a), *list = json_list(c->a);
	const unsigned sc = c->token->scopes;
	const bool only_picked = !(sc & (FS_DRIVE | FS_DRIVE_READ | FS_DRIVE_META | FS_DRIVE_META_READ));
	const char *wrong = NULL;
	const struct file **found;
	int64_t limit = 100, skip = 0;
	size_t n = 0, all = 0;
	bool bad = false, more;

	if (size)
		str_i64(str_c(size), 1, 1000, &limit);
	if (page && *page && !str_i64(str_starts(str_c(page), "~") ? (struct str){ page + 1, strlen(page) - 1 } : STR(""), 0, INT32_MAX, &skip))
		wrong = "pageToken";
	for (const struct file *file = c->f->files; file; file = file->next)
		all++;
	found = arena_array(c->a, all + 1, sizeof *found);
	for (const struct file *file = c->f->files; file; file = file->next)
		if (!file->gone && file_seen_by(file, c->who) && !json_str(file->shared, "anyone") && (!only_picked || file->picked) && query_fits(c->a, q, file, &bad))
			found[n++] = file;
	if (query_of(c, "orderBy") && !order_files(query_of(c, "orderBy"), found, n))
		wrong = "orderBy";
	if (wrong || bad) {
		refuse(c, &(struct refusal){ .status = 400, .reason = "invalid", .message = "Invalid Value", .location_type = "parameter", .location = wrong ? wrong : "q" });
		return;
	}
	for (size_t i = (size_t)skip; i < n && i < (size_t)(skip + limit); i++)
		json_add(list, file_json(c, found[i]));
	more = n > (size_t)(skip + limit);
	if (more)
		json_set_str(top, "nextPageToken", arena_printf(c->a, "~%lld", (long long)(skip + limit)));
	json_set_str(top, "kind", "drive#fileList");
	json_set_bool(top, "incompleteSearch", false);
	json_set(top, "files", list);
	if (!query_of(c, "fields"))
		c->fields = mask_parse(c->a, "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)");
	reply_json(c, 200, top);
}

static void
put_csv(struct buf *b, const char *s)
{
	bool quote = strpbrk(s, "\",\r\n") != NULL;

	if (quote)
		buf_ch(b, '"');
	for (; *s; s++)
		buf_str(b, *s == '"' ? "\"\"" : (char[]){ *s, '\0' });
	if (quote)
		buf_ch(b, '"');
}

static void
do_export(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);
	const struct tab *t = file ? file->tabs : NULL;
	int64_t rows, cols = 0;

	if (!file)
		return;
	if (strcmp(query_of(c, "mimeType"), "text/csv") != 0) {
		refuse(c, &(struct refusal){ .status = 400, .reason = "badRequest", .message = "The requested conversion is not supported." });
		return;
	}
	rows = tab_used_rows(t, 0, t->cols);
	for (int64_t r = 0; r < rows; r++)
		for (int64_t k = cols; k < t->cols; k++) {
			struct cell cell = cell_at(t, r, k, c->a);

			if (!cell_empty(&cell))
				cols = k + 1;
		}
	for (int64_t r = 0; r < rows; r++) {
		for (int64_t k = 0; k < cols; k++) {
			struct cell cell = cell_at(t, r, k, c->a);

			if (k > 0)
				buf_ch(c->rep->body, ',');
			put_csv(c->rep->body, cell_text(c->a, &cell, file->locale));
		}
		if (r + 1 < rows)
			buf_str(c->rep->body, "\r\n");
	}
	c->rep->type = "text/csv";
}

static void
do_comments(struct call *c)
{
	json *j = json_new(c->a);

	if (!file_of_call(c, c->part[0], false))
		return;
	if (!query_of(c, "fields")) {
		refuse(c, &(struct refusal){ .status = 400, .reason = "required", .location_type = "parameter", .location = "fields",
			.message = "The 'fields' parameter is required for this method." });
		return;
	}
	json_set_str(j, "kind", "drive#commentList");
	json_set(j, "comments", json_list(c->a));
	reply_json(c, 200, j);
}

static void
do_about(struct call *c)
{
	json *j = json_new(c->a);

	json_set_str(j, "kind", "drive#about");
	json_set(j, "user", user_json(c->a, c->who, true));
	reply_json(c, 200, j);
}

/*
 * Channels.
 */
static bool
channel_fits(struct call *c, const char *id, const char *type, const char *address)
{
	const char *token = json_str(c->body, "token"), *wrong = NULL, *reason = "invalid";
	int status = 400;
	bool https = address && strncmp(address, "https://", 8) == 0;

	if (!id || !*id || strlen(id) > 64 || !address || !type || (token && strlen(token) > 256)) {
		wrong = !id ? "Required" : "Invalid value";
	} else if (strcmp(type, "web_hook") != 0 && strcmp(type, "webhook") != 0) {
		wrong = arena_printf(c->a, "Unknown channel type: %s", type);
	} else if (c->f->push.refuse) {
		wrong = arena_printf(c->a, "Unauthorized WebHook callback channel: %s", address);
		reason = "push.webhookUrlUnauthorized";
		status = 401;
	} else if (!https && strncmp(address, "http://127.0.0.1", 16) != 0 && strncmp(address, "http://localhost", 16) != 0) {
		/* Addresses of this machine are the one exception: tests have no certificates. */
		wrong = arena_printf(c->a, "WebHook callback must be HTTPS: %s", address);
		reason = "push.webhookUrlNotHttps";
	}
	for (const struct channel *o = c->f->channels; !wrong && o; o = o->next)
		if (strcmp(o->id, id) == 0 && o->client == c->token->client) {
			wrong = arena_printf(c->a, "Channel id %s not unique", id);
			reason = "channelIdNotUnique";
		}
	if (wrong)
		refuse(c, &(struct refusal){ .status = status, .reason = reason, .message = wrong });
	return !wrong;
}

/* An hour unless asked otherwise, a day at most. */
static int64_t
channel_ends(struct call *c)
{
	int64_t now = fake_now(c->f), ends = now + HOUR_S * SECOND_MS, ttl;
	const char *text = json_str(c->body, "expiration"), *params = json_str(json_at(c->body, "params"), "ttl");

	if (params && str_i64(str_c(params), 1, INT32_MAX, &ttl))
		ends = now + ttl * SECOND_MS;
	if (!text || !str_i64(str_c(text), 1, INT64_MAX, &ends))
		json_i64(c->body, "expiration", &ends);
	return ends > now + DAY_S * SECOND_MS ? now + DAY_S * SECOND_MS : ends;
}

static void
do_watch(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], false);
	const char *id = json_str(c->body, "id"), *address = json_str(c->body, "address");
	struct channel *ch;
	json *j;

	if (!file || !channel_fits(c, id, json_str(c->body, "type"), address))
		return;
	ch = arena_alloc(c->f->a, sizeof *ch);
	*ch = (struct channel){ .next = c->f->channels, .id = arena_dup(c->f->a, id), .token = arena_dup(c->f->a, json_str(c->body, "token")),
		.address = arena_dup(c->f->a, address), .resource = arena_printf(c->f->a, "res-%.30s", file->id), .file = file, .who = c->who, .client = c->token->client,
		.uri = arena_printf(c->f->a, "https://www.googleapis.com/drive/v3/files/%s?alt=json", file->id), .ends = channel_ends(c) };
	c->f->channels = ch;
	c->rep->delay_ms += c->f->push.watch_delay_ms;
	push_sync(c->f, ch);
	j = json_new(c->a);
	json_set_str(j, "kind", "api#channel");
	json_set_str(j, "id", ch->id);
	json_set_str(j, "resourceId", ch->resource);
	json_set_str(j, "resourceUri", ch->uri);
	if (ch->token)
		json_set_str(j, "token", ch->token);
	json_set_str(j, "expiration", arena_printf(c->a, "%lld", (long long)ch->ends));
	reply_json(c, 200, j);
}

static void
do_stop(struct call *c)
{
	const char *id = json_str(c->body, "id"), *resource = json_str(c->body, "resourceId");

	for (struct channel *ch = c->f->channels; ch && id && resource; ch = ch->next)
		if (strcmp(ch->id, id) == 0 && strcmp(ch->resource, resource) == 0 && ch->client == c->token->client && (ch->who == c->who || c->who->service) && !ch->stopped) {
			ch->stopped = true;
			c->rep->status = 204;
			return;
		}
	refuse(c, &(struct refusal){ .status = 404, .reason = "notFound",
		.message = arena_printf(c->a, "Channel '%s' not found for project '%s'", id ? id : "", c->token->client->project) });
}

/*
 * Tables.
 */
#define FILE_QUERY \
	{ .name = "supportsAllDrives", .type = P_BOOL }, { .name = "acknowledgeAbuse", .type = P_BOOL }, { .name = "includeLabels" }, { .name = "includePermissionsForView" }, \
	{ .name = "supportsTeamDrives", .type = P_BOOL }, { .name = "includeItemsFromAllDrives", .type = P_BOOL }

static const struct fake_param file_query[] = { FILE_QUERY, { .name = NULL } };
static const struct fake_param write_query[] = { FILE_QUERY, { .name = "keepRevisionForever", .type = P_BOOL }, { .name = "useContentAsIndexableText", .type = P_BOOL },
	{ .name = "ignoreDefaultVisibility", .type = P_BOOL }, { .name = "addParents" }, { .name = "removeParents" }, { .name = NULL } };
static const struct fake_param list_query[] = {
	FILE_QUERY, { .name = "q" }, { .name = "pageSize", .type = P_INT, .min = 1, .max = 1000 }, { .name = "pageToken" }, { .name = "orderBy" }, { .name = "spaces" },
	{ .name = "corpora" }, { .name = "driveId" }, { .name = NULL }
};
static const struct fake_param export_query[] = { { .name = "mimeType", .flags = P_REQUIRED }, { .name = NULL } };
static const struct fake_param comment_query[] = {
	{ .name = "includeDeleted", .type = P_BOOL }, { .name = "pageSize", .type = P_INT, .min = 1, .max = 100 }, { .name = "pageToken" }, { .name = "startModifiedTime" }, { .name = NULL }
};
static const struct fake_param no_query[] = { { .name = NULL } };
static const struct fake_param file_body[] = {
	{ .name = "name" }, { .name = "mimeType" }, { .name = "description" }, { .name = "parents", .type = P_LIST }, { .name = "trashed", .type = P_BOOL },
	{ .name = "starred", .type = P_BOOL }, { .name = "properties", .type = P_OBJECT }, { .name = "appProperties", .type = P_OBJECT }, { .name = NULL }
};
static const struct fake_param ttl_body[] = { { .name = "ttl" }, { .name = NULL } };
static const struct fake_param channel_body[] = {
	{ .name = "id" }, { .name = "type" }, { .name = "address" }, { .name = "token" }, { .name = "expiration", .type = P_INT }, { .name = "payload", .type = P_BOOL },
	{ .name = "params", .type = P_OBJECT, .sub = ttl_body }, { .name = "kind" }, { .name = "resourceId" }, { .name = "resourceUri" }, { .name = NULL }
};

#define READ_META (FS_DRIVE | FS_DRIVE_READ | FS_DRIVE_FILE | FS_DRIVE_META | FS_DRIVE_META_READ)
#define FILES "/drive/v3/files"
#define ROUTE(verb, path, name, scopes, query, body, reply, handler) { verb, path, "drive." name, STYLE_LEGACY, scopes, QUOTA_DRIVE, query, body, reply, handler }

const struct fake_route fake_drive_routes[] = {
	ROUTE("GET", FILES, "files.list", READ_META, list_query, NULL, "kind,nextPageToken,incompleteSearch,files(" FILE_FIELDS ")", do_list),
	ROUTE("POST", FILES, "files.create", FS_DRIVE | FS_DRIVE_FILE, write_query, file_body, FILE_FIELDS, do_create),
	ROUTE("GET", FILES "/{id}", "files.get", READ_META, file_query, NULL, FILE_FIELDS, do_get),
	ROUTE("PATCH", FILES "/{id}", "files.update", FS_DRIVE | FS_DRIVE_FILE | FS_DRIVE_META, write_query, file_body, FILE_FIELDS, do_update),
	ROUTE("DELETE", FILES "/{id}", "files.delete", FS_DRIVE | FS_DRIVE_FILE, file_query, NULL, NULL, do_delete),
	ROUTE("POST", FILES "/{id}/copy", "files.copy", FS_DRIVE | FS_DRIVE_FILE, write_query, file_body, FILE_FIELDS, do_copy),
	ROUTE("GET", FILES "/{id}/export", "files.export", FS_DRIVE | FS_DRIVE_READ | FS_DRIVE_FILE, export_query, NULL, NULL, do_export),
	ROUTE("GET", FILES "/{id}/comments", "comments.list", FS_DRIVE | FS_DRIVE_READ | FS_DRIVE_FILE, comment_query, NULL, "kind,nextPageToken,comments", do_comments),
	ROUTE("POST", FILES "/{id}/watch", "files.watch", READ_META, file_query, channel_body, NULL, do_watch),
	ROUTE("POST", "/drive/v3/channels/stop", "channels.stop", READ_META, no_query, channel_body, NULL, do_stop),
	ROUTE("GET", "/drive/v3/about", "about.get", READ_META, no_query, NULL, "kind,user", do_about),
	{ .path = NULL }
};
