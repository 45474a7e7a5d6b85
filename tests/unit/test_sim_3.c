/* seconds: 15 */
/* Share 3 of the simulation of two sides: tests/sim. */
#define SIM_FIRST 10001
#define SIM_COUNT 5000
#include "sim/run.h"
