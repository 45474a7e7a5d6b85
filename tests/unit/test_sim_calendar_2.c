/* Share 2 of the simulation of calendars: tests/sim/cal_world.h. */
#define CAL_FIRST 4926
#define CAL_COUNT 4925
#include "sim/cal_run.h"
