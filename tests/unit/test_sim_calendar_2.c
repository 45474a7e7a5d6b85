/* Share 2 of the simulation of calendars: tests/sim/cal_world.h. */
#define CAL_FIRST 2501
#define CAL_COUNT 2500
#include "sim/cal_run.h"
