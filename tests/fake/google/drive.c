/*
 * drive.c - Drive v3 as far as spreadsheets need it: the row of the service and its tables.
 */
#include "fake/google/drive.h"

#include "fake/google/channel.h"

const struct file_kind *const drive_kinds[] = { &sheets_kind, NULL };

/*
 * What calls may hold.
 */
static const struct fake_param file_query[] = {
	{ .name = "supportsAllDrives", .type = P_BOOL },
	{ .name = "acknowledgeAbuse", .type = P_BOOL },
	{ .name = "includeLabels" },
	{ .name = "includePermissionsForView" },
	{ .name = "supportsTeamDrives", .type = P_BOOL },
	{ .name = "includeItemsFromAllDrives", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param drive_write_query[] = {
	{ .name = "keepRevisionForever", .type = P_BOOL },
	{ .name = "useContentAsIndexableText", .type = P_BOOL },
	{ .name = "ignoreDefaultVisibility", .type = P_BOOL },
	{ .name = "addParents" },
	{ .name = "removeParents" },
	{ .sub = file_query },
};
static const struct fake_param drive_list_query[] = {
	{ .name = "q" },
	{ .name = "pageSize", .type = P_INT, .min = 1, .max = 1000 },
	{ .name = "pageToken" },
	{ .name = "orderBy" },
	{ .name = "spaces" },
	{ .name = "corpora" },
	{ .name = "driveId" },
	{ .sub = file_query },
};
static const struct fake_param export_query[] = {
	{ .name = "mimeType", .flags = P_REQUIRED },
	{ .name = NULL },
};
static const struct fake_param comment_query[] = {
	{ .name = "includeDeleted", .type = P_BOOL },
	{ .name = "pageSize", .type = P_INT, .min = 1, .max = 100 },
	{ .name = "pageToken" },
	{ .name = "startModifiedTime" },
	{ .name = NULL },
};
static const struct fake_param file_body[] = {
	{ .name = "name" },
	{ .name = "mimeType" },
	{ .name = "description" },
	{ .name = "parents", .type = P_LIST },
	{ .name = "trashed", .type = P_BOOL },
	{ .name = "starred", .type = P_BOOL },
	{ .name = "properties", .type = P_OBJECT },
	{ .name = "appProperties", .type = P_OBJECT },
	{ .name = NULL },
};

/*
 * Scopes, quota, calls.
 */
#define AUTH "https://www.googleapis.com/auth/"

static const struct fake_scope drive_scopes[] = {
	{ .url = AUTH "drive", .words = "See, edit, create and delete all your files" },
	{ .url = AUTH "drive.readonly", .words = "See and download all your files" },
	{
	    .url = AUTH "drive.file",
	    .words = "See and edit the files you use with this application",
	},
	{
	    .url = AUTH "drive.metadata",
	    .words = "See and manage the names and dates of your files",
	},
	{
	    .url = AUTH "drive.metadata.readonly",
	    .words = "See the names and dates of your files",
	},
	{ .url = NULL },
};

static const struct fake_quota drive_quotas[] = {
	{ .name = "drive", .metric = "Read", .per_user = 12000, .per_project = 12000 },
	{ .name = NULL },
};

#define FILE_FIELDS \
	"kind,id,name,mimeType,description,starred,trashed,explicitlyTrashed,parents,spaces," \
	"version,webViewLink,iconLink,createdTime,modifiedTime,viewedByMeTime,modifiedByMeTime," \
	"owners,lastModifyingUser,shared,ownedByMe,capabilities,permissions,size,driveId," \
	"resourceKey,exportLinks,md5Checksum,sha1Checksum,sha256Checksum,headRevisionId," \
	"sharedWithMeTime,sharingUser,properties,appProperties,trashedTime,quotaBytesUsed," \
	"viewedByMe,isAppAuthorized"
#define META "drive drive.readonly drive.file drive.metadata drive.metadata.readonly"
#define CONTENT "drive drive.readonly drive.file"
#define DRIVE_WRITE "drive drive.file"
#define FILES "/drive/v3/files"

static const struct fake_route drive_routes[] = {
	{
	    .method = "GET",
	    .path = FILES,
	    .name = "drive.files.list",
	    .style = STYLE_LEGACY,
	    .scopes = META,
	    .quota = drive_quotas,
	    .query = drive_list_query,
	    .reply = "kind,nextPageToken,incompleteSearch,files(" FILE_FIELDS ")",
	    .handle = drive_list,
	},
	{
	    .method = "POST",
	    .path = FILES,
	    .name = "drive.files.create",
	    .style = STYLE_LEGACY,
	    .scopes = DRIVE_WRITE,
	    .quota = drive_quotas,
	    .query = drive_write_query,
	    .body = file_body,
	    .reply = FILE_FIELDS,
	    .handle = drive_create,
	},
	{
	    .method = "GET",
	    .path = FILES "/{id}",
	    .name = "drive.files.get",
	    .style = STYLE_LEGACY,
	    .scopes = META,
	    .quota = drive_quotas,
	    .query = file_query,
	    .reply = FILE_FIELDS,
	    .handle = drive_get,
	},
	{
	    .method = "PATCH",
	    .path = FILES "/{id}",
	    .name = "drive.files.update",
	    .style = STYLE_LEGACY,
	    .scopes = DRIVE_WRITE " drive.metadata",
	    .quota = drive_quotas,
	    .query = drive_write_query,
	    .body = file_body,
	    .reply = FILE_FIELDS,
	    .handle = drive_update,
	},
	{
	    .method = "DELETE",
	    .path = FILES "/{id}",
	    .name = "drive.files.delete",
	    .style = STYLE_LEGACY,
	    .scopes = DRIVE_WRITE,
	    .quota = drive_quotas,
	    .query = file_query,
	    .handle = drive_delete,
	},
	{
	    .method = "POST",
	    .path = FILES "/{id}/copy",
	    .name = "drive.files.copy",
	    .style = STYLE_LEGACY,
	    .scopes = DRIVE_WRITE,
	    .quota = drive_quotas,
	    .query = drive_write_query,
	    .body = file_body,
	    .reply = FILE_FIELDS,
	    .handle = drive_copy,
	},
	{
	    .method = "GET",
	    .path = FILES "/{id}/export",
	    .name = "drive.files.export",
	    .style = STYLE_LEGACY,
	    .scopes = CONTENT,
	    .quota = drive_quotas,
	    .query = export_query,
	    .handle = drive_export,
	},
	{
	    .method = "GET",
	    .path = FILES "/{id}/comments",
	    .name = "drive.comments.list",
	    .style = STYLE_LEGACY,
	    .scopes = CONTENT,
	    .quota = drive_quotas,
	    .query = comment_query,
	    .reply = "kind,nextPageToken,comments",
	    .handle = drive_comments,
	},
	{
	    .method = "POST",
	    .path = FILES "/{id}/watch",
	    .name = "drive.files.watch",
	    .style = STYLE_LEGACY,
	    .scopes = META,
	    .quota = drive_quotas,
	    .query = file_query,
	    .body = channel_body,
	    .handle = drive_watch,
	},
	{
	    .method = "POST",
	    .path = "/drive/v3/channels/stop",
	    .name = "drive.channels.stop",
	    .style = STYLE_LEGACY,
	    .scopes = META,
	    .quota = drive_quotas,
	    .query = fake_nothing,
	    .body = channel_body,
	    .handle = channel_stop,
	},
	{
	    .method = "GET",
	    .path = "/drive/v3/about",
	    .name = "drive.about.get",
	    .style = STYLE_LEGACY,
	    .scopes = META,
	    .quota = drive_quotas,
	    .query = fake_nothing,
	    .reply = "kind,user",
	    .handle = drive_about,
	},
	{ .path = NULL },
};

/*
 * For tests.
 */
static void
drive_report(struct call *c, json *top)
{
	json *list = json_list(c->a);

	for (const struct file *file = drive_of(c->f)->files; file; file = file->next) {
		json *j = json_new(c->a);

		if (file->gone)
			continue;
		json_set_str(j, "id", file->id);
		json_set_str(j, "name", file->name);
		json_set_str(j, "owner", file->owner->email);
		json_set_i64(j, "version", file->version);
		json_add(list, j);
	}
	json_set(top, "files", list);
}

const struct fake_service drive_service = {
	.name = "drive",
	.bases = "api",
	.manners = &google_manners,
	.routes = drive_routes,
	.scopes = drive_scopes,
	.quotas = drive_quotas,
	.commands = drive_commands,
	.part = sizeof(struct drive),
	.save = drive_save,
	.load = drive_load,
	.report = drive_report,
};
