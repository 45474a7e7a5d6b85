/*
 * world.h - what the stand-in is made of; for the files of this directory alone.
 *
 * Everything in a world lives in its arena until the world ends: what is replaced is left behind there, which is fine for something that
 * lives as long as a test or a demonstration. Lists are singly linked, newest first unless said otherwise.
 */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include "fake/fake.h"
#include "fake/mask.h"

/*
 * Cells. A row that a rule generates (gen > 0) is made when it is read; a stored cell stands before it.
 */
enum cell_kind { CELL_NONE, CELL_BLANK, CELL_NUMBER, CELL_TEXT, CELL_BOOL, CELL_ERROR };

struct format {
	const char *type;            /* "NUMBER", "DATE", ... as in numberFormat */
	const char *pattern;
};

struct cell {
	enum cell_kind kind;
	double n;                    /* of a number or bool */
	const char *s;               /* of a text; the word of an error, "#N/A" */
	const char *formula;         /* as entered, with "=", or NULL */
	const struct format *fmt;    /* or NULL: automatic */
	const char *note;
	const json *style;           /* the rest of userEnteredFormat, or NULL */
};

struct row {
	struct cell *c;
	uint32_t n, cap;
	uint32_t gen;                /* row of the rule, from 1; 0: none */
};

enum tab_type { TAB_GRID, TAB_OBJECT };

struct tab {
	struct tab *next;            /* in the order of the spreadsheet */
	int64_t id;
	const char *title;
	enum tab_type type;
	bool hidden;
	int64_t rows, cols;          /* the grid */
	struct row *row;
	size_t nrow, caprow;         /* rows held; those after are empty */
	int *gen_col;                /* column -> column of the rule, -1 none; NULL: no rule */
	size_t ngen_col;
	json *props;                 /* further members of "properties" */
	json *extra;                 /* merges, basicFilter, protectedRanges, columnGroups, rowGroups, chart */
};

struct named {
	struct named *next;          /* oldest first */
	const char *id, *name;
	int64_t tab, r0, c0, r1, c1; /* half open; -1: open */
};

struct account {
	struct account *next;        /* oldest first */
	const char *sub, *email, *name;
	bool service;
	const char *key_id, *public_key;   /* PEM, of a service account */
};

struct file {
	struct file *next;
	const char *id, *name;
	struct account *owner;
	json *shared;                /* {"address": "reader" | "writer"} */
	bool trashed, gone;
	bool picked;                 /* made by, or chosen for, the application: drive.file sees it */
	int64_t version, created, modified;
	const char *locale, *zone;
	struct tab *tabs;
	struct named *named;
};

/*
 * Grants.
 */
struct client {
	struct client *next;
	const char *id, *secret, *project;
	json *redirects;             /* list; NULL: any */
	bool testing, rotate;        /* consent screen in testing; a refresh gives a new refresh token */
};

enum token_kind { TOKEN_CODE, TOKEN_ACCESS, TOKEN_REFRESH };

struct token {
	struct token *next;
	enum token_kind kind;
	const char *text;
	struct client *client;
	struct account *who;
	unsigned scopes;
	int64_t made, ends;          /* ends 0: never */
	bool dead;
	bool offline, fresh;         /* a code: a refresh token is due */
	const char *redirect, *challenge;
	bool s256;
};

/*
 * Push.
 */
struct channel {
	struct channel *next;
	const char *id, *token, *address, *resource, *uri;
	struct file *file;
	struct account *who;
	struct client *client;
	int64_t ends, number;
	bool stopped;
};

struct push {
	struct push *next;           /* oldest first */
	int64_t due;
	const char *url, *headers;
	int tries;
};

struct push_way {
	int64_t delay_ms, watch_delay_ms;   /* of each notification; of the answer to watch */
	int64_t drop, duplicate;     /* the next so many are dropped, sent twice */
	const char *origin;          /* scheme and host to send to instead of the address's; or NULL */
	bool refuse;                 /* watch answers that the address is not allowed */
	int64_t sent, delivered, failed;
};

/*
 * Quotas and faults.
 */
enum quota_id { QUOTA_NONE, QUOTA_SHEETS_READ, QUOTA_SHEETS_WRITE, QUOTA_DRIVE, QUOTA__MAX };

struct meter {
	struct meter *next;
	const void *of;              /* account and client, or client alone */
	const void *with;
	int64_t minute, count, most; /* most in any minute */
};

struct quota {
	int64_t per_user, per_project;   /* a minute; 0: no limit */
	int64_t calls, refused;
	struct meter *users, *projects;
};

struct fault {
	struct fault *next;          /* oldest first */
	const char *method, *prefix; /* "" for any */
	const struct fault_kind *kind;
	int64_t skip, left;          /* passes so many calls, then acts on so many; left < 0: on all */
	int64_t delay_ms;
	const char *retry_after;     /* or NULL */
};

enum { LOG_KEPT = 2000 };

struct entry {
	int64_t at;
	const char *method, *path;   /* no query */
	const char *who;
	int status;
	const char *fault;
};

struct fake {
	struct arena *a;
	int64_t skew_ms, serial, last_version;
	struct account *accounts;
	struct client *clients;
	struct token *tokens;
	struct file *files;
	struct channel *channels;
	struct push *pushes;
	struct push_way push;
	struct fault *faults;
	struct quota quota[QUOTA__MAX];
	int64_t latency_ms;
	const char *back;            /* where people are sent back to; NULL: anywhere */
	const json *look;            /* what every spreadsheet looks like, read once */
	struct entry log[LOG_KEPT];
	size_t nlog;                 /* in all */
	struct arena *log_arena[2];  /* texts of the log: the older half is dropped as a whole */
};

/*
 * One call.
 */
enum style { STYLE_OAUTH, STYLE_LEGACY, STYLE_PLATFORM, STYLE_OWN };
enum param_type { P_STRING, P_BOOL, P_INT, P_ENUM, P_LIST, P_OBJECT, P_ANY };
enum { P_REPEATED = 1, P_REQUIRED = 2 };

struct fake_param {
	const char *name;
	enum param_type type;
	unsigned flags;
	const char *choices;         /* P_ENUM: "A|B". Elsewhere the message's type in complaints */
	int64_t min, max;            /* P_INT */
	const struct fake_param *sub;/* members of P_OBJECT, or of the objects in P_LIST */
};

struct call;

struct fake_route {
	const char *method, *path;   /* "/v4/spreadsheets/{id}/values/{range}:append" */
	const char *name;            /* as in the reference: "sheets.spreadsheets.get" */
	enum style style;
	unsigned scopes;             /* any of these; 0: no token asked for */
	enum quota_id quota;
	const struct fake_param *query, *body;   /* NULL body: none is read */
	const char *reply;           /* what `fields` may name */
	void (*handle)(struct call *);
};

struct call {
	struct fake *f;
	struct arena *a;
	struct ctx *cx;
	const struct fake_request *req;
	struct fake_reply *rep;
	const struct fake_route *route;
	const char *part[4];         /* {} of the path, decoded */
	struct params query, form;
	json *body;                  /* {} when there is none */
	struct token *token;
	struct account *who;
	const struct mask *fields;   /* never NULL once the handler runs */
	bool refused;
	const char *fault;
};

extern const struct fake_route fake_oauth_routes[], fake_drive_routes[], fake_sheets_routes[], fake_control_routes[], fake_page_routes[];

/* fake.c */
struct file *world_file(struct fake *, const char *id);
struct refusal {
	int status;
	const char *reason, *message;
	const char *domain;          /* "global" */
	const char *location_type, *location;
	const json *details;         /* of the newer form */
};
void refuse(struct call *, const struct refusal *);
void refuse_argument(struct call *, const char *fmt, ...) PRINTF(2, 3);   /* 400 INVALID_ARGUMENT */
void refuse_quota(struct call *, bool user);                              /* of the account, or of the project */
json *error_info(struct call *, const char *reason);                      /* the details of a refusal */
void refuse_oauth(struct call *, int status, const char *error, const char *description);
void reply_json(struct call *, int status, const json *);
void reply_header(struct call *, const char *name, const char *value);
const char *query_of(const struct call *, const char *name);
bool query_flag(const struct call *, const char *name);
/* The file the call names, when the caller may see it; refused otherwise, as the service does it. */
struct file *file_of_call(struct call *, const char *id, bool write);

/* fake_fault.c: false when the call ends here. after: what happens to an answer that is ready. */
bool fault_before(struct call *, const char *path);
void fault_after(struct call *);
const char *fault_add(struct fake *, const json *);   /* NULL, or what is wrong with it */
extern const struct fake_param fake_anything[];       /* a body whose members are not looked at */

/* fake_strict.c: false when it refused. */
bool strict_query(struct call *);
bool strict_body(struct call *);

/* fake_world.c */
int64_t fake_serial(struct fake *);
char *fake_secret(struct arena *, const char *prefix);
struct account *account_by(struct fake *, const char *email);
struct account *account_add(struct fake *, const char *email, const char *name);
struct client *client_by(struct fake *, const char *id);
struct client *client_add(struct fake *, const char *id, const char *secret);
struct token *token_add(struct fake *, enum token_kind, struct client *, struct account *, unsigned scopes, int64_t life_ms);
struct token *token_by(struct fake *, enum token_kind, const char *text);
bool token_ok(const struct fake *, const struct token *);
struct file *file_add(struct fake *, struct account *owner, const char *name, const char *id);
bool file_seen_by(const struct file *, const struct account *);
bool file_changed_by(const struct file *, const struct account *);
/* Something happened: a higher version, and a notification. changed: "content", ... or NULL. */
void file_touch(struct fake *, struct file *, const char *state, const char *changed);

/* fake_grid.c */
struct tab *tab_add(struct fake *, struct file *, const char *title, int64_t rows, int64_t cols);
struct tab *tab_by_id(const struct file *, int64_t id);
struct tab *tab_by_title(const struct file *, struct str title);
struct tab *tab_move(struct file *, struct tab *, int64_t index);   /* also takes a new one in */
void tab_remove(struct file *, struct tab *);
int64_t tab_index(const struct file *, const struct tab *);
void tab_generate(struct fake *, struct tab *, int64_t rows, int64_t cols);
/* The cell as it reads; texts may be allocated from a. */
struct cell cell_at(const struct tab *, int64_t r, int64_t c, struct arena *a);
bool cell_empty(const struct cell *);
struct cell *cell_make(struct fake *, struct tab *, int64_t r, int64_t c);   /* to write to; the grid grows */
/* One past the last used row, and the last used column of a row within [c0, c1). */
int64_t tab_used_rows(const struct tab *, int64_t c0, int64_t c1);
void tab_insert(struct fake *, struct tab *, bool cols, int64_t at, int64_t n);
void tab_delete(struct tab *, bool cols, int64_t at, int64_t n);
/* Frees nothing, clears values of [r0, r1) x [c0, c1). */
void tab_clear(struct fake *, struct tab *, int64_t r0, int64_t c0, int64_t r1, int64_t c1);

/* fake_cell.c: texts in and out. */
void cell_enter(struct fake *, struct cell *, struct str text, const char *locale);   /* as if typed */
void cell_set_json(struct fake *, struct cell *, const json *value, bool typed, const char *locale);
const char *cell_text(struct arena *, const struct cell *, const char *locale);       /* as shown */
const char *number_text(struct arena *, double);                                      /* shortest that reads back the same */
bool format_is_date(const struct format *);
double json_double(const json *);
const struct format *format_make(struct fake *, const char *type, const char *pattern);
const char *format_pattern(const struct format *, const char *locale);

/* fake_a1.c: half open, clipped to the grid. */
struct range {
	struct tab *tab;
	int64_t r0, c0, r1, c1;
	bool whole;                  /* a bare title */
};
/* Refuses what cannot be read, and what begins beyond the grid. */
bool range_parse(struct call *, const struct file *, const char *text, struct range *);
const char *range_text(struct arena *, const struct range *);
const char *title_quoted(struct arena *, const char *title);
const char *column_name(struct arena *, int64_t c);

/* fake_values.c, fake_batch.c: also for the control's "another person". */
bool values_write(struct call *, struct file *, const char *range, const json *values, bool typed, bool columns, struct range *out, int64_t *cells);
void batch_update(struct call *, struct file *, const json *requests, json *replies);
json *tab_properties(struct arena *, const struct file *, const struct tab *);
json *grid_range_json(struct arena *, const struct tab *, int64_t r0, int64_t c0, int64_t r1, int64_t c1);

/* fake_push.c */
void push_file(struct fake *, struct file *, const char *state, const char *changed);
void push_sync(struct fake *, struct channel *);

/* fake_consent.c */
void consent_page(struct call *);
void consent_given(struct call *);

/* fake_oauth.c, fake_jwt.c */
bool fake_scopes_parse(const char *text, unsigned *);
const char *scopes_text(struct arena *, unsigned);
json *service_key(struct fake *, struct arena *, const char *email);   /* makes the account; a key file */
/* NULL: right, and *who and *scopes are known. Otherwise the description of an invalid_grant. */
const char *assertion_check(struct call *, const char *jws, struct account **who, unsigned *scopes);

/* fake_demo.c */
void demo_world(struct fake *);

#define FAKE_SCOPES(X) \
	X(OPENID,        "openid",                                                           "Know who you are") \
	X(EMAIL,         "https://www.googleapis.com/auth/userinfo.email",                   "See your e-mail address") \
	X(PROFILE,       "https://www.googleapis.com/auth/userinfo.profile",                 "See your name") \
	X(SHEETS,        "https://www.googleapis.com/auth/spreadsheets",                     "See, edit, create and delete all your spreadsheets") \
	X(SHEETS_READ,   "https://www.googleapis.com/auth/spreadsheets.readonly",            "See all your spreadsheets") \
	X(DRIVE,         "https://www.googleapis.com/auth/drive",                            "See, edit, create and delete all your files") \
	X(DRIVE_READ,    "https://www.googleapis.com/auth/drive.readonly",                   "See and download all your files") \
	X(DRIVE_FILE,    "https://www.googleapis.com/auth/drive.file",                       "See and edit the files you use with this application") \
	X(DRIVE_META,    "https://www.googleapis.com/auth/drive.metadata",                   "See and manage the names and dates of your files") \
	X(DRIVE_META_READ, "https://www.googleapis.com/auth/drive.metadata.readonly",        "See the names and dates of your files") \
	X(CONTACTS,      "https://www.googleapis.com/auth/contacts",                         "See, edit and delete your contacts") \
	X(CONTACTS_READ, "https://www.googleapis.com/auth/contacts.readonly",                "See and download your contacts") \
	X(CONTACTS_OTHER, "https://www.googleapis.com/auth/contacts.other.readonly",         "See contact details saved automatically") \
	X(CALENDAR,      "https://www.googleapis.com/auth/calendar",                         "See, edit, share and delete all your calendars") \
	X(CALENDAR_LIST, "https://www.googleapis.com/auth/calendar.calendarlist.readonly",   "See the list of your calendars") \
	X(CALENDAR_EVENTS, "https://www.googleapis.com/auth/calendar.events",                "See and edit the events of all your calendars")

enum scope_bit {
#define X(id, url, words) SCOPE_BIT_##id,
	FAKE_SCOPES(X)
#undef X
	SCOPE_BIT__MAX
};
enum fake_scope {
#define X(id, url, words) FS_##id = 1 << SCOPE_BIT_##id,
	FAKE_SCOPES(X)
#undef X
	FS_IDENTITY = FS_OPENID | FS_EMAIL | FS_PROFILE
};
struct scope_row {
	const char *url, *words;
};
extern const struct scope_row scope_rows[SCOPE_BIT__MAX];

#endif
