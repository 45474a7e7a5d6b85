/* hello.c - the least a libfcgi program can do: the baseline of tests/bench/bench. */
#include <fcgiapp.h>

int
main(void)
{
	FCGX_Request r;

	if (FCGX_Init() || FCGX_InitRequest(&r, 0, 0))
		return 1;
	while (FCGX_Accept_r(&r) == 0) {
		FCGX_PutS("Content-Type: application/json\r\n\r\n{\"status\":\"ok\"}\n", r.out);
		FCGX_Finish_r(&r);
	}
	return 0;
}
