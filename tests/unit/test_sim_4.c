/* seconds: 15 */
/* Share 4 of the simulation of two sides: tests/sim. */
#define SIM_FIRST 15001
#define SIM_COUNT 5000
#include "sim/run.h"
