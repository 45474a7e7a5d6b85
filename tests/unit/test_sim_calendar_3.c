/* Share 3 of the simulation of calendars: tests/sim/cal_world.h. */
#define CAL_FIRST 4201
#define CAL_COUNT 2100
#include "sim/cal_run.h"
