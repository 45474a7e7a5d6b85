/*
 * sheets.c - Sheets v4: the row of the service and its tables.
 */
#include "fake/google/sheets.h"

/*
 * What calls may hold.
 */
#define RENDER "FORMATTED_VALUE|UNFORMATTED_VALUE|FORMULA"
#define DATES "SERIAL_NUMBER|FORMATTED_STRING"
#define INPUT "INPUT_VALUE_OPTION_UNSPECIFIED|RAW|USER_ENTERED"
#define MAJOR "DIMENSION_UNSPECIFIED|ROWS|COLUMNS"

static const struct fake_param book_query[] = {
	{ .name = "includeGridData", .type = P_BOOL },
	{ .name = "ranges", .flags = P_REPEATED },
	{ .name = "excludeTablesInBandedRanges", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param read_query[] = {
	{ .name = "valueRenderOption", .type = P_ENUM, .choices = RENDER },
	{ .name = "dateTimeRenderOption", .type = P_ENUM, .choices = DATES },
	{ .name = "majorDimension", .type = P_ENUM, .choices = MAJOR },
	{ .name = NULL },
};
static const struct fake_param batch_query[] = {
	{ .name = "ranges", .flags = P_REPEATED },
	{ .sub = read_query },
};
static const struct fake_param book_write_query[] = {
	{ .name = "valueInputOption", .type = P_ENUM, .choices = INPUT },
	{ .name = "includeValuesInResponse", .type = P_BOOL },
	{ .name = "responseValueRenderOption", .type = P_ENUM, .choices = RENDER },
	{ .name = "responseDateTimeRenderOption", .type = P_ENUM, .choices = DATES },
	{ .name = NULL },
};
static const struct fake_param append_query[] = {
	{ .name = "insertDataOption", .type = P_ENUM, .choices = "OVERWRITE|INSERT_ROWS" },
	{ .sub = book_write_query },
};
static const struct fake_param value_range[] = {
	{ .name = "range" },
	{ .name = "majorDimension", .type = P_ENUM, .choices = MAJOR },
	{ .name = "values", .type = P_LIST },
	{ .name = NULL },
};
static const struct fake_param batch_write_body[] = {
	{ .name = "data", .type = P_LIST, .sub = value_range },
	{ .sub = book_write_query },
};
static const struct fake_param ranges_body[] = {
	{ .name = "ranges", .type = P_LIST },
	{ .name = NULL },
};
static const struct fake_param grid_range[] = {
	{ .name = "sheetId", .type = P_INT },
	{ .name = "startRowIndex", .type = P_INT },
	{ .name = "endRowIndex", .type = P_INT },
	{ .name = "startColumnIndex", .type = P_INT },
	{ .name = "endColumnIndex", .type = P_INT },
	{ .name = NULL },
};
static const struct fake_param data_filter[] = {
	{ .name = "a1Range" },
	{ .name = "gridRange", .type = P_OBJECT, .sub = grid_range },
	{ .name = "developerMetadataLookup", .type = P_OBJECT },
	{ .name = NULL },
};
static const struct fake_param filter_body[] = {
	{ .name = "dataFilters", .type = P_LIST, .sub = data_filter },
	{ .sub = read_query },
};
static const struct fake_param batch_body[] = {
	{ .name = "requests", .type = P_LIST },
	{ .name = "includeSpreadsheetInResponse", .type = P_BOOL },
	{ .name = "responseRanges", .type = P_LIST },
	{ .name = "responseIncludeGridData", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param create_body[] = {
	{ .name = "properties", .type = P_OBJECT },
	{ .name = "sheets", .type = P_LIST },
	{ .name = NULL },
};

/*
 * What `fields` may name.
 */
#define CELL_FORMAT \
	"(numberFormat(type,pattern),backgroundColor,backgroundColorStyle,borders,padding," \
	"horizontalAlignment,verticalAlignment,wrapStrategy,textDirection,textFormat," \
	"hyperlinkDisplayType,textRotation)"
#define CELL_FIELDS \
	"userEnteredValue,effectiveValue,formattedValue,hyperlink,note,dataValidation," \
	"textFormatRuns,pivotTable,userEnteredFormat" CELL_FORMAT ",effectiveFormat" CELL_FORMAT
#define DATA_FIELDS \
	"startRow,startColumn,rowMetadata,columnMetadata,rowData(values(" CELL_FIELDS "))"
#define GRID_FIELDS \
	"rowCount,columnCount,frozenRowCount,frozenColumnCount,hideGridlines," \
	"rowGroupControlAfter,columnGroupControlAfter"
#define TAB_FIELDS \
	"sheetId,title,index,sheetType,hidden,tabColor,tabColorStyle,rightToLeft," \
	"dataSourceSheetProperties,gridProperties(" GRID_FIELDS ")"
#define SHEET_FIELDS \
	"properties(" TAB_FIELDS "),data(" DATA_FIELDS "),merges,conditionalFormats,filterViews," \
	"protectedRanges,basicFilter,charts,bandedRanges,developerMetadata,rowGroups," \
	"columnGroups,slicers,tables"
#define SPREADSHEET_FIELDS \
	"spreadsheetId,spreadsheetUrl,namedRanges,developerMetadata,dataSources," \
	"dataSourceSchedules,properties(title,locale,autoRecalc,timeZone,defaultFormat," \
	"iterativeCalculationSettings,spreadsheetTheme,importFunctionsExternalUrlAccessAllowed)," \
	"sheets(" SHEET_FIELDS ")"
#define VALUE_FIELDS "range,majorDimension,values"
#define UPDATE_FIELDS \
	"spreadsheetId,updatedRange,updatedRows,updatedColumns,updatedCells,updatedData"

/*
 * Scopes, quotas, calls.
 */
#define AUTH "https://www.googleapis.com/auth/"

static const struct fake_scope sheets_scopes[] = {
	{
	    .url = AUTH "spreadsheets",
	    .words = "See, edit, create and delete all your spreadsheets",
	},
	{ .url = AUTH "spreadsheets.readonly", .words = "See all your spreadsheets" },
	{ .url = NULL },
};

static const struct fake_quota sheets_quotas[] = {
	{ .name = "sheets.read", .metric = "Read", .per_user = 60, .per_project = 300 },
	{ .name = "sheets.write", .metric = "Write", .per_user = 60, .per_project = 300 },
	{ .name = NULL },
};

#define BOOK_READ "spreadsheets spreadsheets.readonly drive drive.readonly drive.file"
#define BOOK_WRITE "spreadsheets drive drive.file"
#define READS &sheets_quotas[0]
#define WRITES &sheets_quotas[1]
#define BOOKS "/v4/spreadsheets"

static const struct fake_route sheets_routes[] = {
	{
	    .method = "GET",
	    .path = BOOKS "/{id}",
	    .name = "sheets.spreadsheets.get",
	    .scopes = BOOK_READ,
	    .quota = READS,
	    .query = book_query,
	    .reply = SPREADSHEET_FIELDS,
	    .handle = sheets_get,
	},
	{
	    .method = "POST",
	    .path = BOOKS,
	    .name = "sheets.spreadsheets.create",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = fake_nothing,
	    .body = create_body,
	    .reply = SPREADSHEET_FIELDS,
	    .handle = sheets_create,
	},
	{
	    .method = "POST",
	    .path = BOOKS "/{id}:batchUpdate",
	    .name = "sheets.spreadsheets.batchUpdate",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = fake_nothing,
	    .body = batch_body,
	    .reply = "spreadsheetId,replies,updatedSpreadsheet",
	    .handle = sheets_batch_update,
	},
	{
	    .method = "GET",
	    .path = BOOKS "/{id}/values/{range}",
	    .name = "sheets.spreadsheets.values.get",
	    .scopes = BOOK_READ,
	    .quota = READS,
	    .query = read_query,
	    .reply = VALUE_FIELDS,
	    .handle = values_get,
	},
	{
	    .method = "GET",
	    .path = BOOKS "/{id}/values:batchGet",
	    .name = "sheets.spreadsheets.values.batchGet",
	    .scopes = BOOK_READ,
	    .quota = READS,
	    .query = batch_query,
	    .reply = "spreadsheetId,valueRanges(" VALUE_FIELDS ")",
	    .handle = values_batch_get,
	},
	{
	    .method = "POST",
	    .path = BOOKS "/{id}/values:batchGetByDataFilter",
	    .name = "sheets.spreadsheets.values.batchGetByDataFilter",
	    .scopes = BOOK_WRITE,
	    .quota = READS,
	    .query = fake_nothing,
	    .body = filter_body,
	    .reply = "spreadsheetId,valueRanges(valueRange(" VALUE_FIELDS "),dataFilters)",
	    .handle = values_filter,
	},
	{
	    .method = "PUT",
	    .path = BOOKS "/{id}/values/{range}",
	    .name = "sheets.spreadsheets.values.update",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = book_write_query,
	    .body = value_range,
	    .reply = UPDATE_FIELDS,
	    .handle = values_update,
	},
	{
	    .method = "POST",
	    .path = BOOKS "/{id}/values/{range}:append",
	    .name = "sheets.spreadsheets.values.append",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = append_query,
	    .body = value_range,
	    .reply = "spreadsheetId,tableRange,updates(" UPDATE_FIELDS ")",
	    .handle = values_append,
	},
	{
	    .method = "POST",
	    .path = BOOKS "/{id}/values/{range}:clear",
	    .name = "sheets.spreadsheets.values.clear",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = fake_nothing,
	    .body = fake_anything,
	    .reply = "spreadsheetId,clearedRange",
	    .handle = values_clear,
	},
	{
	    .method = "POST",
	    .path = BOOKS "/{id}/values:batchClear",
	    .name = "sheets.spreadsheets.values.batchClear",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = fake_nothing,
	    .body = ranges_body,
	    .reply = "spreadsheetId,clearedRanges",
	    .handle = values_batch_clear,
	},
	{
	    .method = "POST",
	    .path = BOOKS "/{id}/values:batchUpdate",
	    .name = "sheets.spreadsheets.values.batchUpdate",
	    .scopes = BOOK_WRITE,
	    .quota = WRITES,
	    .query = fake_nothing,
	    .body = batch_write_body,
	    .handle = values_batch_update,
	},
	{ .path = NULL },
};

const struct fake_service sheets_service = {
	.name = "sheets",
	.bases = "sheets",
	.manners = &google_manners,
	.routes = sheets_routes,
	.scopes = sheets_scopes,
	.quotas = sheets_quotas,
	.part = sizeof(struct sheets_part),
};
