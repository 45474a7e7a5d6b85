/*
 * answers.c - see answers.h.
 */
#include "fcgi/answers.h"

#include "skin/model.h"

#define LIST "limit:1-500 cursor"
#define CHANGES "side:local|remote action:add|update|delete "
#define STATES "attention|syncing|retrying|active|manual"
/* Whoever sends the browser here may add words of his own. */
#define MORE "..."

static const struct answer answers[] = {
	{ "api_providers", 200, "ProviderList", NULL, LIST },
	{ "api_test_new", 200, "TestResult", "TestedSource", NULL },
	{ "api_preview_new", 200, "Preview", "Source", CHANGES LIST },
	{ "api_conn_list", 200, "ConnectionList", NULL, "q provider status:" STATES " sort " LIST },
	{ "api_conn_add", 201, "Connection", "NewConnection", NULL },
	{ "api_conn_get", 200, "Connection", NULL, NULL },
	{ "api_conn_change", 200, "Connection", "ConnectionChange", NULL },
	{ "api_conn_delete", 204, NULL, NULL, "data:keep|delete remote:keep|clean" },
	{ "api_profiles", 200, "ProfileList", NULL, "email phone q " LIST },
	{ "api_profile", 200, "Profile", NULL, NULL },
	{ "api_profile_link", 200, "ProfileList", "ProfileLink", NULL },
	{ "api_profiles_order", 200, "ProfileOrder", NULL, NULL },
	{ "api_profiles_order_set", 200, "ProfileOrder", "ProfileOrder", NULL },
	{ "api_dataset", 200, "Dataset", NULL, NULL },
	{ "api_dataset_change", 200, "Dataset", "DatasetChange", NULL },
	{ "api_conn_exit", 200, "Exit", NULL, NULL },
	{ "api_kept_list", 200, "KeptList", NULL, LIST },
	{ "api_kept_get", 200, "Kept", NULL, NULL },
	{ "api_kept_delete", 204, NULL, NULL, NULL },
	{ "api_kept_reconnect", 201, "Connection", "Reconnection", NULL },
	{ "api_conn_test", 200, "TestResult", "TestedChange", NULL },
	{ "api_conn_preview", 200, "Preview", "SourceChange", CHANGES LIST },
	{ "api_conn_reset", 202, "SyncStarted", "Reset", NULL },
	{ "api_conn_pause", 200, "Connection", NULL, NULL },
	{ "api_conn_resume", 200, "Connection", NULL, NULL },
	{ "api_sched_get", 200, "Schedule", NULL, NULL },
	{ "api_sched_put", 200, "Schedule", "Schedule", NULL },
	{ "api_sync_history", 200, "SyncList", NULL, "status:complete|error " LIST },
	{ "api_datasets", 200, "DatasetList", NULL, LIST },
	{ "api_sync_start", 202, "SyncStarted", "SyncStart", NULL },
	{ "api_sync_status", 200, "Sync/SyncOverview", NULL, "syncId " LIST },
	{ "api_sync_stream", 200, "stream:Sync/EventsRevision", NULL, "syncId access_token" },
	{ "api_sync_cancel", 202, "Sync", NULL, NULL },
	{ "api_sync_log", 200, "LogList", NULL, LIST },
	{ "api_sync_approve", 202, "Sync", "Approval", NULL },
	{ "api_sync_reject", 202, "Sync", NULL, NULL },
	{ "api_sync_changes", 200, "TouchedList", NULL, LIST },
	{ "api_sync_undo_look", 200, "Undo", NULL, NULL },
	{ "api_sync_undo", 202, "UndoStarted", NULL, NULL },
	{ "api_record_undo", 202, "UndoStarted", NULL, NULL },
	{ "api_event_undo", 202, "UndoStarted", NULL, NULL },
	{ "api_connectors_due", 200, "ConnectorList", NULL, LIST },
	{ "api_connectors_run", 200, "ConnectorResults", "ConnectorRun", NULL },
	{ "api_records", 200, "RecordList", NULL,
	    "modifiedAfter:time includeDeleted:bool format:json|csv|ndjson safe:bool " LIST },
	{ "api_record", 200, "Record", NULL, NULL },
	{ "api_record_history", 200, "RecordHistory", NULL, LIST },
	{ "api_events", 200, "EventList/EventAnswer", NULL,
	    "id from to expand:0|1|true|false timeZone " LIST },
	{ "api_event_add", 201, "EventOutcome", "NewEvent", NULL },
	{ "api_event_get", 200, "EventAnswer", NULL, NULL },
	{ "api_event_change", 200, "EventOutcome", "EventEdit", "id" },
	{ "api_event_delete", 200, "EventOutcome", NULL, "id" },
	{ "api_event_restore", 200, "EventOutcome", NULL, NULL },
	{ "api_occurrence_change", 200, "EventOutcome", "EventEdit", "scope:this|following" },
	{ "api_occurrence_delete", 200, "EventOutcome", NULL, "scope:this|following" },
	{ "api_event_history", 200, "EventHistory", NULL, LIST },
	{ "api_conflicts", 200, "ConflictList", NULL, "state:open|resolved eventId " LIST },
	{ "api_conflict", 200, "Conflict", NULL, NULL },
	{ "api_conflict_answer", 200, "ConflictOutcome", "ConflictAnswer", NULL },
	{ "api_integrations", 200, "IntegrationList", NULL, LIST },
	{ "api_integration_sync", 202, "SyncStarted", NULL, NULL },
	{ "api_notion_pull", 202, "SyncStarted", "IntegrationNamed", NULL },
	{ "api_notion_ready", 200, "NotionReady", NULL, "integrationId*" },
	{ "api_integration_watch", 200, "IntegrationChannel", "IntegrationNamed", NULL },
	{ "api_integration_unwatch", 200, "Done", NULL, "integrationId*" },
	{ "api_queue", 200, "Queue", NULL,
	    "status:PENDING|PROCESSING|HELD|COMPLETED|FAILED " LIST },
	{ "api_queue_process", 200, "QueueProcessed", NULL, "id" },
	{ "api_queue_forget", 200, "QueueForgotten", NULL, "olderThan:int" },
	{ "token_list", 200, "TokenList", NULL, LIST },
	{ "token_add", 201, "MadeToken", "NewToken", NULL },
	{ "token_renew", 201, "MadeToken", "TokenRotation", NULL },
	{ "api_progress_token", 201, "ProgressToken", "NewProgressToken", NULL },
	{ "api_account", 200, "User", NULL, NULL },
	{ "api_account_change", 200, "User", "AccountChange", NULL },
	{ "api_auto_sync", 200, "AutoSync", NULL, NULL },
	{ "api_auto_sync_change", 200, "AutoSync", "AutoSyncChange", NULL },
	{ "api_account_password", 204, NULL, "NewPassword", NULL },
	{ "api_quota", 200, "QuotaList", NULL, LIST },
	{ "api_analytics", 200, "DayList", NULL, "connection " LIST },
	{ "api_accounts", 200, "AccountList", NULL, LIST },
	{ "api_account_service", 201, "Account", "ServiceAccount", NULL },
	{ "api_account_one", 200, "Account", NULL, NULL },
	{ "api_account_remove", 204, NULL, NULL, NULL },
	{ "api_subscriptions", 200, "SubscriptionList", NULL, LIST },
	{ "api_subscription_confirm", 204, NULL, NULL, NULL },
	{ "api_subscription_drop", 204, NULL, NULL, NULL },
	{ "api_auth_start", 302, NULL, NULL, "connection account add for" },
	{ "api_auth_back", 303, NULL, NULL, "state code scope error " MORE },
	{ "receive_call", 204, NULL, NULL, MORE },
	{ "api_sessions", 200, "SessionList", NULL, LIST },
	{ "api_sessions_end", 204, NULL, NULL, NULL },
	{ "api_session_end", 204, NULL, NULL, NULL },
	{ "api_users", 200, "UserList", NULL, LIST },
	{ "api_user_add", 201, "User", "NewUser", NULL },
	{ "api_user_get", 200, "User", NULL, NULL },
	{ "api_user_change", 200, "User", "UserChange", NULL },
	{ "api_user_remove", 204, NULL, NULL, "remote:keep|clean" },
	{ "api_user_invite", 201, "OneTimeLink", NULL, NULL },
	{ "api_user_reset", 201, "OneTimeLink", NULL, NULL },
	{ "api_audit", 200, "AuditList", NULL, "object all:0|1 " LIST },
	{ "token_revoke", 204, NULL, NULL, NULL },
	{ "token_revoke_query", 204, NULL, NULL, "id*" },
	{ "api_hooks", 200, "WebhookList", NULL, LIST },
	{ "api_hook_add", 201, "Webhook", "NewWebhook", NULL },
	{ "api_hook_get", 200, "Webhook", NULL, NULL },
	{ "api_hook_change", 200, "Webhook", "WebhookChange", NULL },
	{ "api_hook_delete", 204, NULL, NULL, NULL },
	{ "api_hook_test", 202, "Delivery", NULL, NULL },
	{ "api_hook_rotate", 200, "Webhook", NULL, NULL },
	{ "api_hook_deliveries", 200, "DeliveryList", NULL, LIST },
	{ "api_hook_redeliver", 202, "Delivery", NULL, NULL },
	{ "doctor", 200, "CheckList", NULL, LIST },
};

const struct shape shapes[] = {
#define SHAPE(name, members) { name, members },
#include "fcgi/shapes.def"
#undef SHAPE
};
const size_t shapes_n = sizeof shapes / sizeof *shapes;

const char *
shape_members(const char *name)
{
	for (size_t i = 0; i < shapes_n; i++)
		if (!strcmp(shapes[i].name, name))
			return shapes[i].members;
	return "";
}

const char *
answer_taken_on(const char *handler)
{
	static const char *const also[][2] = {
		{ "api_conn_change", "Connection" },
		{ "api_conn_delete", "SyncStarted" },
	};

	for (size_t i = 0; i < sizeof also / sizeof *also; i++)
		if (!strcmp(also[i][0], handler))
			return also[i][1];
	return NULL;
}

const struct answer *
answer_of(const char *handler)
{
	static const struct answer other = { .status = 200 };

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (!strcmp(answers[i].handler, handler))
			return &answers[i];
	return &other;
}

struct str
answer_member(struct str *text, bool *always, struct str *type)
{
	struct str word = str_cut(*text, ' ', text), name = str_cut(word, ':', type);

	*always = str_ends(name, "*");
	if (*always)
		name.n--;
	return name;
}

/* "1-500": a number from the one to the other. */
static bool
is_range(struct str type)
{
	return type.n && type.p[0] >= '0' && type.p[0] <= '9' && memchr(type.p, '-', type.n);
}

/* An operator's token may act for another user (auth_act). */
bool
answer_acts(const struct route *rt)
{
	return rt->who != WHO_OPEN && rt->scope != SCOPE_OPERATOR;
}

bool
answer_matches(const struct route *rt)
{
	return rt->method & (M_PUT | M_DELETE) && str_starts(str_c(rt->path), "/api/events");
}

/* The names in a shape or a query, for a sentence. */
static const char *
names_known(struct arena *a, const char *members, bool acts)
{
	struct str rest = members ? str_c(members) : (struct str){ NULL, 0 }, type;
	struct buf *b = buf_in(a, 1000);
	bool always;

	while (rest.p) {
		struct str name = answer_member(&rest, &always, &type);

		buf_printf(b, "%s%.*s", b->n ? ", " : "", (int)name.n, name.p);
	}
	if (acts)
		buf_printf(b, "%sworkspace_id", b->n ? ", " : "");
	return b->n ? buf_c(b) : "none";
}

/* What a value of the type is, in words; NULL: anything, which the call looks at itself. */
static const char *
type_words(struct arena *a, struct str type)
{
	struct str rest, first;
	struct buf *b = buf_in(a, 400);

	if (str_is(type, "int"))
		return "a whole number";
	if (str_is(type, "bool"))
		return "true or false";
	first = str_cut(type, '-', &rest);
	if (is_range(type))
		return arena_printf(
		    a, "a number from %.*s to %.*s", (int)first.n, first.p, (int)rest.n, rest.p);
	if (!type.n || !memchr(type.p, '|', type.n))
		return NULL;
	buf_str(b, "one of ");
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] == '|')
			buf_str(b, ", ");
		else
			buf_ch(b, type.p[i]);
	return buf_c(b);
}

static bool
type_takes(struct str type, const char *value)
{
	struct str rest = type, to;
	int64_t n, least = INT64_MIN, most = INT64_MAX;

	if (is_range(type)) {
		(void)str_i64(str_cut(type, '-', &to), 0, INT64_MAX, &least);
		(void)str_i64(to, 0, INT64_MAX, &most);
	}
	if (is_range(type) || str_is(type, "int"))
		return str_i64(str_c(value), least, most, &n);
	if (str_is(type, "bool"))
		rest = STR("0|1|true|false");
	while (rest.p)
		if (str_is(str_cut(rest, '|', &rest), value))
			return true;
	return false;
}

/* Does the value fit the type, where that says which do? */
static enum rc
query_value(struct req *r, const struct param *p, struct str type)
{
	const char *words = type_words(r->cx->a, type);

	if (!words || type_takes(type, p->value))
		return RC_OK;
	return input_fail_one(r, p->name, arena_printf(r->cx->a, "This is %s.", words));
}

static enum rc
query_word(struct req *r, const struct param *p, const struct answer *answer)
{
	struct str rest = str_c(answer->query), type;
	bool always;

	while (answer->query && rest.p) {
		struct str name = answer_member(&rest, &always, &type);

		if (str_is(name, p->name))
			return query_value(r, p, type);
		if (str_is(name, MORE))
			return RC_OK;
	}
	/* Every call takes it; operators' calls are made as oneself all the same. */
	if (!strcmp(p->name, "workspace_id"))
		return RC_OK;
	return input_fail_one(r, arena_dup_str(r->cx->a, str_utf8_cut(str_c(p->name), 80)),
	    arena_printf(r->cx->a, "This address does not know the word; it knows: %s.",
		names_known(r->cx->a, answer->query, answer_acts(r->route))));
}

enum rc
answer_query(struct req *r)
{
	const struct answer *answer = answer_of(r->route->name);

	for (size_t i = 0; i < r->query.n; i++) {
		TRY(query_word(r, &r->query.v[i], answer));
		for (size_t k = 0; k < i; k++)
			if (!strcmp(r->query.v[k].name, r->query.v[i].name))
				return input_fail_one(
				    r, r->query.v[i].name, "This is given twice.");
	}
	return RC_OK;
}

static bool
body_knows(const char *members, const char *name)
{
	struct str rest = members ? str_c(members) : (struct str){ NULL, 0 }, type;
	bool always;

	while (rest.p)
		if (str_is(answer_member(&rest, &always, &type), name))
			return true;
	return false;
}

enum rc
answer_body(struct req *r)
{
	const char *shape = answer_of(r->route->name)->body;
	const char *members = shape ? shape_members(shape) : NULL;

	for (struct json_iter it = { 0 }; json_each(r->body, &it);)
		if (!body_knows(members, it.key))
			return input_fail_one(r,
			    arena_dup_str(r->cx->a, str_utf8_cut(str_c(it.key), 80)),
			    arena_printf(r->cx->a,
				"There is no such member here; this call takes: %s.",
				names_known(r->cx->a, members, answer_acts(r->route))));
	return RC_OK;
}

enum rc
answer_match(struct req *r)
{
	const char *wanted = req_header(r, "if-match");

	if (!wanted || !strcmp(wanted, "*") || r->method & (M_GET | M_HEAD) ||
	    answer_matches(r->route))
		return RC_OK;
	return fail(r->cx, E_BAD_REQUEST,
	    "If-Match is looked at when an event is changed or deleted, and nowhere else: leave it "
	    "out.");
}
