/*
 * demo.h - the row of what a demonstration adds.
 */
#ifndef FAKE_DEMO_DEMO_H
#define FAKE_DEMO_DEMO_H

#include "fake/core/service.h"

extern const struct fake_service demo_service;
extern const struct fake_route demo_routes[]; /* edit.c */
void demo_world(struct fake *);               /* demo.c */

#endif
