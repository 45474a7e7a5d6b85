/* seconds: 15 */
/* Share 1 of the simulation of two sides: tests/sim. */
#define SIM_FIRST 1
#define SIM_COUNT 5000
#include "sim/run.h"
