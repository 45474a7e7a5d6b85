/* seconds: 235 */
/* Share 1 of the simulation of calendars: tests/sim/cal_world.h. */
#define CAL_FIRST 1
#define CAL_COUNT 5000
#include "sim/cal_run.h"
