/*
 * drive_control.c - files for tests, and another person who edits: see fake_control.c.
 */
#include "fake/google/drive.h"

static struct file *
control_file_named(struct call *c, const char *id)
{
	struct file *file = file_by(c->f, id);

	if (!file)
		refuse_argument(c, "There is no file %s.", id ? id : "(none)");
	return file;
}

static void
control_file(struct call *c, const json *j, json *out)
{
	struct account *owner = account_named(c, json_str(j, "owner"));
	const char *name = json_str(j, "name"), *id = json_str(j, "id");
	struct file *file;

	if (!owner)
		return;
	if (file_by(c->f, id)) {
		refuse_argument(c, "There is a file %s already.", id);
		return;
	}
	file = file_add(c->f, drive_kinds[0], owner, name ? name : "Untitled", id);
	file->picked = json_flag(j, "picked", false);
	file->kind->fill(c, file, j);
	json_set_str(out, "file", file->id);
}

static void
control_share(struct call *c, const json *j, json *out)
{
	struct file *file = control_file_named(c, json_str(j, "file"));

	(void)out;
	if (!file || !json_str(j, "email"))
		return;
	if (json_str(j, "role"))
		json_set_str(file->shared, json_str(j, "email"), json_str(j, "role"));
	else
		json_unset(file->shared, json_str(j, "email"));
	file_touch(c->f, file, "update", "permissions");
}

static void
control_set_trash(struct call *c, const json *j, bool trashed)
{
	struct file *file = control_file_named(c, json_value_str(j));

	if (!file)
		return;
	file->trashed = trashed;
	file_touch(c->f, file, trashed ? "trash" : "untrash", NULL);
}

static void
control_trash(struct call *c, const json *j, json *out)
{
	(void)out;
	control_set_trash(c, j, true);
}

static void
control_untrash(struct call *c, const json *j, json *out)
{
	(void)out;
	control_set_trash(c, j, false);
}

static void
control_delete(struct call *c, const json *j, json *out)
{
	struct file *file = control_file_named(c, json_value_str(j));

	(void)out;
	if (!file)
		return;
	file->gone = true;
	file_touch(c->f, file, "remove", NULL);
}

static void
control_pick(struct call *c, const json *j, json *out)
{
	struct file *file = control_file_named(c, json_value_str(j));

	(void)out;
	if (file)
		file->picked = true;
}

static void
control_edit(struct call *c, const json *j, json *out)
{
	struct file *file = control_file_named(c, json_str(j, "file"));

	if (!file)
		return;
	file->kind->edit(c, file, j, out);
	if (c->refused)
		return;
	file_touch(c->f, file, "update", "content");
	json_set_i64(out, "version", file->version);
}

const struct fake_command drive_commands[] = {
	{ "file", control_file },
	{ "share", control_share },
	{ "trash", control_trash },
	{ "untrash", control_untrash },
	{ "delete", control_delete },
	{ "pick", control_pick },
	{ "edit", control_edit },
	{ NULL, NULL },
};
