/*
 * leave.c - part of the library that counts its lines (make coverage): a process that ends by
 * _exit() or kills itself leaves its counts behind like any other. One that something else kills
 * does not, and neither does one that may write nothing any more (base/confine.h).
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);

void
_exit(int status)
{
	__gcov_dump();
	for (;;)
		(void)syscall(SYS_exit_group, status);
}

int
kill(pid_t pid, int sig)
{
	if (pid == getpid() && sig == SIGKILL)
		__gcov_dump();
	return (int)syscall(SYS_kill, pid, sig);
}

int
raise(int sig)
{
	return kill(getpid(), sig);
}
