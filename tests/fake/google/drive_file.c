/*
 * drive_file.c - the files there are, who may see and change them, and their versions.
 */
#include "fake/google/drive.h"

#include "base/clock.h"
#include "fake/google/channel.h"

struct drive *
drive_of(const struct fake *f)
{
	return fake_part(f, &drive_service);
}

static int64_t
file_next_version(struct fake *f)
{
	struct drive *d = drive_of(f);
	int64_t now = fake_now(f);

	/* Starts from the clock: a world made anew never shows a version that was there before. */
	d->last_version = d->last_version < now ? now : d->last_version + 1;
	return d->last_version;
}

struct file *
file_by(struct fake *f, const char *id)
{
	struct file *file;

	for (file = drive_of(f)->files; file; file = file->next)
		if (id && strcmp(file->id, id) == 0)
			return file->gone ? NULL : file;
	return NULL;
}

struct file *
file_add(struct fake *f, const struct file_kind *kind, struct account *owner, const char *name,
    const char *id)
{
	struct file *file = arena_alloc(f->a, sizeof *file);
	int64_t now = fake_now(f);

	*file = (struct file){
		.next = drive_of(f)->files,
		.kind = kind,
		.id = id ? arena_dup(f->a, id) : fake_secret(f->a, "1"),
		.name = arena_dup(f->a, name),
		.owner = owner,
		.shared = json_new(f->a),
		.version = file_next_version(f),
		.created = now,
		.modified = now,
	};
	kind->begin(f, file);
	drive_of(f)->files = file;
	return file;
}

bool
file_seen_by(const struct file *file, const struct account *who)
{
	return file->owner == who || json_str(file->shared, who->email) ||
	    json_str(file->shared, "anyone");
}

static bool
file_changed_by(const struct file *file, const struct account *who)
{
	const char *role = json_str(file->shared, who->email);

	return file->owner == who || (role && strcmp(role, "writer") == 0);
}

void
file_touch(struct fake *f, struct file *file, const char *state, const char *changed)
{
	file->version = file_next_version(f);
	if (changed && strcmp(changed, "permissions") != 0)
		file->modified = fake_now(f);
	channel_tell(f, file, state, changed);
}

static void *
file_find(struct fake *f, const char *id)
{
	return file_by(f, id);
}

const struct watched drive_watched = {
	.name = "file",
	.find = file_find,
	.usual_ms = HOUR_MS,
	.most_ms = DAY_MS,
};

/* Does the call's token see no more than what was chosen for the application? */
static bool
file_only_picked(const struct call *c)
{
	const scope_set sc = c->token ? c->token->scopes : SCOPES_ALL;

	if (scopes_any(sc, "spreadsheets spreadsheets.readonly drive drive.readonly"))
		return false;
	return c->route->style != STYLE_LEGACY ||
	    !scopes_any(sc, "drive.metadata drive.metadata.readonly");
}

static void
file_refuse_unseen(struct call *c, const char *id)
{
	if (c->route->style == STYLE_LEGACY)
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = arena_printf(c->a, "File not found: %s.", id),
			.location_type = "parameter",
			.location = "fileId",
		    });
	else
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = "Requested entity was not found.",
		    });
}

struct file *
file_of_call(struct call *c, const char *id, bool write)
{
	const bool legacy = c->route->style == STYLE_LEGACY;
	struct file *file = file_by(c->f, id);
	bool known = file && (!c->who || file_seen_by(file, c->who));
	bool seen = known && (!c->who || !file_only_picked(c) || file->picked);

	if (seen && (!write || !c->who || file_changed_by(file, c->who)))
		return file;
	if (!file || (legacy && !seen) || (!seen && known))
		file_refuse_unseen(c, id);
	else
		refuse(c,
		    &(struct refusal){
			.status = 403,
			.reason = "insufficientFilePermissions",
			.message = legacy
			    ? "The user does not have sufficient permissions for this file."
			    : "The caller does not have permission",
		    });
	return NULL;
}
