/*
 * drive.h - files: whose they are, who sees them, their versions. What is in one is its kind's.
 */
#ifndef FAKE_GOOGLE_DRIVE_H
#define FAKE_GOOGLE_DRIVE_H

#include "fake/google/oauth.h"

struct file;

/* What a kind of file does with what is in it. A new kind is a row of drive_kinds. */
struct file_kind {
	const char *mime;
	void (*begin)(struct fake *, struct file *); /* of every new file: its empty content */
	void (*fresh)(struct fake *, struct file *); /* as it is when a person makes one */
	void (*copy)(struct fake *, struct file *to, const struct file *from);
	void (*export_csv)(struct call *, const struct file *);
	/* Over a restart: into a file that has begun. */
	json *(*save)(struct arena *, const struct file *);
	void (*load)(struct fake *, struct file *, const json *);
	/* For tests: {"file"} and {"edit"} of the control. */
	void (*fill)(struct call *, struct file *, const json *);
	void (*edit)(struct call *, struct file *, const json *, json *out);
};

extern const struct file_kind sheets_kind;
extern const struct file_kind *const drive_kinds[]; /* ended by NULL; the first is the usual one */

struct file {
	struct file *next;
	const struct file_kind *kind;
	void *content;
	const char *id, *name;
	struct account *owner;
	json *shared; /* {"address": "reader" | "writer"} */
	bool trashed, gone;
	bool picked; /* made by, or chosen for, the application: drive.file sees it */
	int64_t version, created, modified;
};

struct drive {
	struct file *files;
	int64_t last_version;
};

struct drive *drive_of(const struct fake *);
struct file *file_by(struct fake *, const char *id); /* NULL: there is none, or no longer */
/* id NULL: a random one. */
struct file *file_add(struct fake *, const struct file_kind *, struct account *owner,
    const char *name, const char *id);
bool file_seen_by(const struct file *, const struct account *);
/* Something happened: a higher version, and a notification. changed: "content", ... or NULL. */
void file_touch(struct fake *, struct file *, const char *state, const char *changed);
/* The file the call names, when the caller may see it; refused otherwise, as the service does it.
 */
struct file *file_of_call(struct call *, const char *id, bool write);

/* drive_files.c, drive_list.c: methods. */
json *drive_file_json(struct call *, const struct file *);
json *drive_user_json(struct arena *, const struct account *, bool me);
void drive_get(struct call *);
void drive_create(struct call *);
void drive_copy(struct call *);
void drive_delete(struct call *);
void drive_update(struct call *);
void drive_export(struct call *);
void drive_comments(struct call *);
void drive_about(struct call *);
void drive_watch(struct call *);
void drive_list(struct call *);

/* drive_keep.c */
void drive_save(struct fake *, struct arena *, json *top);
void drive_load(struct fake *, const json *top);

/* drive_control.c */
extern const struct fake_command drive_commands[];

#endif
