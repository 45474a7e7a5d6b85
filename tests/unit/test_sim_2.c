/* seconds: 15 */
/* Share 2 of the simulation of two sides: tests/sim. */
#define SIM_FIRST 5001
#define SIM_COUNT 5000
#include "sim/run.h"
