/*
 * services.c - who is played, one row each. Commands of one POST /fake/control are carried out, and
 * scopes are listed, in this order.
 */
#include "fake/core/service.h"

#include "fake/demo/demo.h"
#include "fake/fake_control.h"
#include "fake/google/google.h"

const struct fake_service *const fake_services[] = {
	&control_service,
	&oauth_service,
	&sheets_service,
	&drive_service,
	&people_service,
	&calendar_service,
	&channel_service,
	&demo_service,
	NULL,
};
