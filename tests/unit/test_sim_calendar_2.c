/* Share 2 of the simulation of calendars: tests/sim/cal_world.h. */
#define CAL_FIRST 2101
#define CAL_COUNT 2100
#include "sim/cal_run.h"
