/*
 * fake_control.h - the row of what tests ask of the stand-in itself.
 */
#ifndef FAKE_FAKE_CONTROL_H
#define FAKE_FAKE_CONTROL_H

#include "fake/core/call.h"

extern const struct fake_service control_service;
extern const struct fake_manners own_manners; /* of the stand-in's own pages and calls */

#endif
