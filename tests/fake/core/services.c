/*
 * services.c - who is played, one row each. Commands of one POST /fake/control are carried out, and
 * scopes are listed, in this order.
 *
 * A new service is its files in a directory of its provider, with a struct fake_service, and a row
 * here. Its routes carry its scopes and its quota; what it keeps of the world is its `part`, which
 * only its own files know; a provider that is new brings its manners: who may call, and the shapes
 * of errors. What it keeps in Drive is a row of drive_kinds, what can be watched one of
 * channel_kinds.
 */
#include "fake/core/service.h"

#include "fake/demo/demo.h"
#include "fake/fake_control.h"
#include "fake/google/google.h"
#include "fake/notion/notion.h"

const struct fake_service *const fake_services[] = {
	&control_service,
	&oauth_service,
	&sheets_service,
	&drive_service,
	&people_service,
	&calendar_service,
	&channel_service,
	&notion_service,
	&demo_service,
	&diary_service,
	&address_book_service,
	&board_service,
	NULL,
};
