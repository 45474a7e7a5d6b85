/*
 * drive_keep.c - files over a restart.
 */
#include "fake/core/keep.h"
#include "fake/google/drive.h"

static json *
keep_file(struct arena *a, const struct file *file)
{
	json *j = json_new(a);

	json_set_str(j, "mime", file->kind->mime);
	json_set_str(j, "id", file->id);
	json_set_str(j, "name", file->name);
	json_set_str(j, "owner", file->owner->email);
	json_set(j, "shared", file->shared);
	json_set_bool(j, "trashed", file->trashed);
	json_set_bool(j, "picked", file->picked);
	json_set_i64(j, "version", file->version);
	json_set_i64(j, "created", file->created);
	json_set_i64(j, "modified", file->modified);
	json_set(j, "content", file->kind->save(a, file));
	return j;
}

void
drive_save(struct fake *f, struct arena *a, json *top)
{
	json *j = json_new(a), *list = json_list(a);

	for (const struct file *file = drive_of(f)->files; file; file = file->next)
		if (!file->gone)
			json_add(list, keep_file(a, file));
	json_set_i64(j, "version", drive_of(f)->last_version);
	json_set(j, "list", list);
	json_set(top, "files", j);
}

static const struct file_kind *
keep_kind(const char *mime)
{
	for (size_t i = 0; mime && drive_kinds[i]; i++)
		if (strcmp(drive_kinds[i]->mime, mime) == 0)
			return drive_kinds[i];
	return NULL;
}

static void
keep_load_file(struct fake *f, const json *j)
{
	const struct file_kind *kind = keep_kind(json_str(j, "mime"));
	struct account *owner = account_by(f, json_str(j, "owner"));
	struct file *file;

	if (!kind || !owner || !json_str(j, "id"))
		return;
	file = file_add(f, kind, owner, json_str(j, "name"), json_str(j, "id"));
	file->shared = json_is_obj(json_at(j, "shared")) ? loaded_json(f, j, "shared")
							 : file->shared;
	file->trashed = json_flag(j, "trashed", false);
	file->picked = json_flag(j, "picked", false);
	file->version = json_num(j, "version", file->version);
	file->created = json_num(j, "created", file->created);
	file->modified = json_num(j, "modified", file->modified);
	kind->load(f, file, json_at(j, "content"));
}

void
drive_load(struct fake *f, const json *top)
{
	struct drive *d = drive_of(f);
	const json *j = json_at(top, "files"), *list = json_at(j, "list");
	int64_t version;

	if (!json_is_list(list))
		return;
	d->files = NULL;
	/* The newest is the first. */
	for (size_t i = json_len(list); i-- > 0;)
		keep_load_file(f, json_nth(list, i));
	version = loaded_counter(top, j, "version");
	if (d->last_version < version)
		d->last_version = version;
}
