/*
 * people.c - People v1: the row of the service and its tables.
 */
#include "fake/google/people.h"

/*
 * What calls may hold.
 */
#define SOURCES \
	{ \
		.name = "sources", .type = P_ENUM, .flags = P_REPEATED, \
		.choices = "READ_SOURCE_TYPE_UNSPECIFIED|READ_SOURCE_TYPE_PROFILE|" \
			   "READ_SOURCE_TYPE_CONTACT|READ_SOURCE_TYPE_DOMAIN_CONTACT|" \
			   "READ_SOURCE_TYPE_OTHER_CONTACT" \
	}
#define SIZE .type = P_INT, .min = INT32_MIN, .max = INT32_MAX

static const struct fake_param person_query[] = {
	{ .name = "personFields" },
	{ .name = "requestMask.includeField" },
	SOURCES,
	{ .name = NULL },
};
static const struct fake_param groups_query[] = {
	{ .name = "resourceNames", .flags = P_REPEATED },
	{ .sub = person_query },
};
static const struct fake_param people_query[] = {
	{ .name = "pageSize", SIZE },
	{ .name = "pageToken" },
	{ .name = "requestSyncToken", .type = P_BOOL },
	{
	    .name = "sortOrder",
	    .type = P_ENUM,
	    .choices = "LAST_MODIFIED_ASCENDING|LAST_MODIFIED_DESCENDING|FIRST_NAME_ASCENDING|"
		       "LAST_NAME_ASCENDING",
	},
	{ .name = "syncToken" },
	{ .sub = person_query },
};
static const struct fake_param others_query[] = {
	{ .name = "pageSize", SIZE },
	{ .name = "pageToken" },
	{ .name = "readMask" },
	{ .name = "requestSyncToken", .type = P_BOOL },
	SOURCES,
	{ .name = "syncToken" },
	{ .name = NULL },
};
static const struct fake_param search_query[] = {
	{ .name = "pageSize", SIZE },
	{ .name = "query" },
	{ .name = "readMask" },
	SOURCES,
	{ .name = NULL },
};
static const struct fake_param create_query[] = {
	{ .name = "personFields" },
	SOURCES,
	{ .name = NULL },
};
static const struct fake_param update_query[] = {
	{ .name = "updatePersonFields" },
	{ .sub = create_query },
};
static const struct fake_param labels_query[] = {
	{ .name = "groupFields" },
	{ .name = "pageSize", SIZE },
	{ .name = "pageToken" },
	{ .name = "syncToken" },
	{ .name = NULL },
};
static const struct fake_param label_query[] = {
	{ .name = "groupFields" },
	{ .name = "maxMembers", SIZE },
	{ .name = NULL },
};
static const struct fake_param label_delete_query[] = {
	{ .name = "deleteContacts", .type = P_BOOL },
	{ .name = NULL },
};

/*
 * Scopes, quota, calls.
 */
#define AUTH "https://www.googleapis.com/auth/"

static const struct fake_scope people_scopes[] = {
	{ .url = AUTH "contacts", .words = "See, edit and delete your contacts" },
	{ .url = AUTH "contacts.readonly", .words = "See and download your contacts" },
	{
	    .url = AUTH "contacts.other.readonly",
	    .words = "See contact details saved automatically",
	},
	{ .url = NULL },
};

static const struct fake_quota people_quotas[] = {
	{ .name = "people", .metric = "Read", .per_user = 90, .per_project = 3000 },
	{ .name = NULL },
};

#define PEOPLE_READ "contacts contacts.readonly"
#define PEOPLE_WRITE "contacts"
#define PERSON_FIELDS \
	"resourceName,etag,metadata,addresses,ageRanges,biographies,birthdays,calendarUrls," \
	"clientData,coverPhotos,emailAddresses,events,externalIds,fileAses,genders,imClients," \
	"interests,locales,locations,memberships,miscKeywords,names,nicknames,occupations," \
	"organizations,phoneNumbers,photos,relations,sipAddresses,skills,urls,userDefined"
#define LABEL_FIELDS \
	"clientData,etag,formattedName,groupType,memberCount,memberResourceNames,metadata,name," \
	"resourceName"
#define CALL(method_, path_, name_) \
	.method = method_, .path = "/v1/" path_, .name = "people." name_, .style = STYLE_PLATFORM, \
	.quota = people_quotas

static const struct fake_route people_routes[] = {
	{
	    CALL("GET", "people/{id}/connections", "people.connections.list"),
	    .scopes = PEOPLE_READ,
	    .query = people_query,
	    .reply = "connections(" PERSON_FIELDS "),nextPageToken,nextSyncToken,totalItems,"
		     "totalPeople",
	    .handle = people_connections,
	},
	{
	    CALL("GET", "people:batchGet", "people.getBatchGet"),
	    .scopes = PEOPLE_READ,
	    .query = groups_query,
	    .handle = people_batch_get,
	},
	{
	    CALL("GET", "people:searchContacts", "people.searchContacts"),
	    .scopes = PEOPLE_READ,
	    .query = search_query,
	    .reply = "results(person(" PERSON_FIELDS "))",
	    .handle = people_search,
	},
	{
	    CALL("GET", "people/{id}", "people.get"),
	    .scopes = PEOPLE_READ " userinfo.profile",
	    .query = person_query,
	    .reply = PERSON_FIELDS,
	    .handle = people_get,
	},
	{
	    CALL("POST", "people:createContact", "people.createContact"),
	    .scopes = PEOPLE_WRITE,
	    .query = create_query,
	    .body = person_body,
	    .reply = PERSON_FIELDS,
	    .handle = people_create,
	},
	{
	    CALL("POST", "people:batchDeleteContacts", "people.batchDeleteContacts"),
	    .scopes = PEOPLE_WRITE,
	    .query = fake_nothing,
	    .body = batch_delete_body,
	    .handle = people_batch_delete,
	},
	{
	    CALL("PATCH", "people/{id}:updateContact", "people.updateContact"),
	    .scopes = PEOPLE_WRITE,
	    .query = update_query,
	    .body = person_body,
	    .reply = PERSON_FIELDS,
	    .handle = people_update,
	},
	{
	    CALL("DELETE", "people/{id}:deleteContact", "people.deleteContact"),
	    .scopes = PEOPLE_WRITE,
	    .query = fake_nothing,
	    .handle = people_delete,
	},
	{
	    CALL("GET", "otherContacts", "otherContacts.list"),
	    .scopes = "contacts.other.readonly",
	    .query = others_query,
	    .reply = "otherContacts(" PERSON_FIELDS "),nextPageToken,nextSyncToken,totalSize",
	    .handle = people_others,
	},
	{
	    CALL("POST", "otherContacts/{id}:copyOtherContactToMyContactsGroup",
		"otherContacts.copyOtherContactToMyContactsGroup"),
	    .scopes = PEOPLE_WRITE,
	    .query = fake_nothing,
	    .body = copy_body,
	    .reply = PERSON_FIELDS,
	    .handle = people_copy_other,
	},
	{
	    CALL("GET", "contactGroups", "contactGroups.list"),
	    .scopes = PEOPLE_READ,
	    .query = labels_query,
	    .reply = "contactGroups(" LABEL_FIELDS "),nextPageToken,nextSyncToken,totalItems",
	    .handle = labels_list,
	},
	{
	    CALL("POST", "contactGroups", "contactGroups.create"),
	    .scopes = PEOPLE_WRITE,
	    .query = fake_nothing,
	    .body = group_create_body,
	    .reply = LABEL_FIELDS,
	    .handle = labels_create,
	},
	{
	    CALL("GET", "contactGroups/{id}", "contactGroups.get"),
	    .scopes = PEOPLE_READ,
	    .query = label_query,
	    .reply = LABEL_FIELDS,
	    .handle = labels_get,
	},
	{
	    CALL("PUT", "contactGroups/{id}", "contactGroups.update"),
	    .scopes = PEOPLE_WRITE,
	    .query = fake_nothing,
	    .body = group_update_body,
	    .reply = LABEL_FIELDS,
	    .handle = labels_update,
	},
	{
	    CALL("DELETE", "contactGroups/{id}", "contactGroups.delete"),
	    .scopes = PEOPLE_WRITE,
	    .query = label_delete_query,
	    .handle = labels_delete,
	},
	{
	    CALL("POST", "contactGroups/{id}/members:modify", "contactGroups.members.modify"),
	    .scopes = PEOPLE_WRITE,
	    .query = fake_nothing,
	    .body = members_body,
	    .handle = labels_modify,
	},
	{ .path = NULL },
};

static void
people_init(struct fake *f)
{
	struct people *part = people_of(f);

	part->began = fake_now(f);
	people_empty(f);
}

/* Each person's address book: how many are in it. */
static void
people_report(struct call *c, json *top)
{
	json *list = json_list(c->a);

	for (const struct account *who = c->f->accounts; who; who = who->next) {
		json *j = json_new(c->a);
		int64_t n = 0;

		for (const struct person *p = people_of(c->f)->list; p; p = p->next)
			n += p->owner == who && !p->now.gone && !p->other;
		json_set_str(j, "owner", who->email);
		json_set_i64(j, "people", n);
		if (n)
			json_add(list, j);
	}
	json_set(top, "people", list);
}

const struct fake_service people_service = {
	.name = "people",
	.bases = "people",
	.manners = &google_manners,
	.routes = people_routes,
	.scopes = people_scopes,
	.quotas = people_quotas,
	.commands = people_commands,
	.part = sizeof(struct people),
	.init = people_init,
	.save = people_save,
	.load = people_load,
	.report = people_report,
};
