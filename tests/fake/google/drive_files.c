/*
 * drive_files.c - methods of one file: made, read, copied, changed, exported, watched.
 */
#include "fake/google/channel.h"
#include "fake/google/drive.h"

#include "base/clock.h"

json *
drive_user_json(struct arena *a, const struct account *who, bool me)
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
files_set_time(struct call *c, json *j, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_text(ms, text);
	json_set_str(j, name, arena_printf(c->a, "%.19s.%03dZ", text, (int)(ms % 1000)));
}

/* All of a file; a call that asks for no fields gets the first four. */
json *
drive_file_json(struct call *c, const struct file *file)
{
	json *j = json_new(c->a), *owners = json_list(c->a);

	json_set_str(j, "kind", "drive#file");
	json_set_str(j, "id", file->id);
	json_set_str(j, "name", file->name);
	json_set_str(j, "mimeType", file->kind->mime);
	json_set_bool(j, "starred", false);
	json_set_bool(j, "trashed", file->trashed);
	json_set_bool(j, "explicitlyTrashed", file->trashed);
	json_set_str(j, "version", arena_printf(c->a, "%lld", (long long)file->version));
	json_set_str(j, "webViewLink",
	    arena_printf(
		c->a, "https://docs.google.com/spreadsheets/d/%s/edit?usp=drivesdk", file->id));
	files_set_time(c, j, "createdTime", file->created);
	files_set_time(c, j, "modifiedTime", file->modified);
	json_add(owners, drive_user_json(c->a, file->owner, file->owner == c->who));
	json_set(j, "owners", owners);
	json_set(j, "lastModifyingUser", drive_user_json(c->a, file->owner, file->owner == c->who));
	json_set_bool(j, "shared", json_len(file->shared) > 0);
	json_set_bool(j, "ownedByMe", file->owner == c->who);
	json_set_str(j, "size", "1024");
	return j;
}

static void
files_reply(struct call *c, const struct file *file)
{
	if (!query_of(c, "fields"))
		c->fields = mask_parse(c->a, "kind,id,name,mimeType");
	reply_json(c, 200, drive_file_json(c, file));
}

void
drive_get(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);
	const char *alt = query_of(c, "alt");

	if (!file)
		return;
	if (alt && strcmp(alt, "media") == 0) {
		refuse(c,
		    &(struct refusal){
			.status = 403,
			.reason = "fileNotDownloadable",
			.location_type = "parameter",
			.location = "alt",
			.message = "Only files with binary content can be downloaded. "
				   "Use Export with Docs Editors files.",
		    });
		return;
	}
	files_reply(c, file);
}

void
drive_create(struct call *c)
{
	const char *name = json_str(c->body, "name"), *type = json_str(c->body, "mimeType");
	const struct file_kind *kind = NULL;
	struct file *file;

	for (size_t i = 0; type && drive_kinds[i]; i++)
		if (strcmp(type, drive_kinds[i]->mime) == 0)
			kind = drive_kinds[i];
	if (!kind) {
		refuse(c,
		    &(struct refusal){
			.status = 400,
			.reason = "badRequest",
			.message = "This stand-in makes spreadsheets only.",
		    });
		return;
	}
	file = file_add(c->f, kind, c->who, name ? name : "Untitled", NULL);
	file->picked = true;
	kind->fresh(c->f, file);
	files_reply(c, file);
}

void
drive_copy(struct call *c)
{
	const struct file *from = file_of_call(c, c->part[0], false);
	const char *name = json_str(c->body, "name");
	struct file *to;

	if (!from)
		return;
	name = name ? name : arena_printf(c->a, "Copy of %s", from->name);
	to = file_add(c->f, from->kind, c->who, name, NULL);
	to->picked = true;
	from->kind->copy(c->f, to, from);
	files_reply(c, to);
}

void
drive_delete(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], true);

	if (!file)
		return;
	if (file->owner != c->who) {
		refuse(c,
		    &(struct refusal){
			.status = 403,
			.reason = "insufficientFilePermissions",
			.message = "The user does not have sufficient permissions for this file.",
		    });
		return;
	}
	file->gone = true;
	file_touch(c->f, file, "remove", NULL);
	c->rep->status = 204;
}

void
drive_update(struct call *c)
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
	files_reply(c, file);
}

void
drive_comments(struct call *c)
{
	json *j = json_new(c->a);

	if (!file_of_call(c, c->part[0], false))
		return;
	if (!query_of(c, "fields")) {
		refuse(c,
		    &(struct refusal){
			.status = 400,
			.reason = "required",
			.location_type = "parameter",
			.location = "fields",
			.message = "The 'fields' parameter is required for this method.",
		    });
		return;
	}
	json_set_str(j, "kind", "drive#commentList");
	json_set(j, "comments", json_list(c->a));
	reply_json(c, 200, j);
}

void
drive_about(struct call *c)
{
	json *j = json_new(c->a);

	json_set_str(j, "kind", "drive#about");
	json_set(j, "user", drive_user_json(c->a, c->who, true));
	reply_json(c, 200, j);
}

void
drive_export(struct call *c)
{
	const struct file *file = file_of_call(c, c->part[0], false);

	if (!file)
		return;
	if (strcmp(query_of(c, "mimeType"), "text/csv") == 0)
		file->kind->export_csv(c, file);
	else
		refuse(c,
		    &(struct refusal){
			.status = 400,
			.reason = "badRequest",
			.message = "The requested conversion is not supported.",
		    });
}

void
drive_watch(struct call *c)
{
	struct file *file = file_of_call(c, c->part[0], false);

	if (file)
		channel_open(c,
		    &(struct watch_target){
			.kind = &drive_watched,
			.what = file,
			.id = file->id,
			.resource = arena_printf(c->f->a, "res-%.30s", file->id),
			.uri = arena_printf(c->f->a,
			    "https://www.googleapis.com/drive/v3/files/%s?alt=json", file->id),
		    });
}
