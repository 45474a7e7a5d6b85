/* seconds: 25 */
/* Share 1 of the simulation with Notion as the third side: tests/sim/cal_notion.h. */
#define SIM_NOTION
#define CAL_FIRST 1
#define CAL_COUNT 100
#include "sim/cal_run.h"
