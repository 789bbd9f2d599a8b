/* SPDX-License-Identifier: BSD-2-Clause
 * Runs a command and says what it took: CPU seconds (user and system), seconds on the wall, peak resident KiB, and
 * instructions in user mode (0 where the system does not count them), in one line. The command's own output is dropped. */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Counts from the exec of the child that is forked next; -1 where there is no such counter. */
static int count_instructions(void)
{
	struct perf_event_attr a;

	memset(&a, 0, sizeof(a));
	a.size = sizeof(a);
	a.type = PERF_TYPE_HARDWARE;
	a.config = PERF_COUNT_HW_INSTRUCTIONS;
	a.disabled = a.inherit = a.enable_on_exec = a.exclude_kernel = a.exclude_hv = 1;
	return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static int run(char **argv)
{
	int nowhere = open("/dev/null", O_RDWR);

	dup2(nowhere, STDIN_FILENO);
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
	execvp(argv[0], argv);
	return 127;
}

int main(int argc, char **argv)
{
	int counter = count_instructions(), status = 0;
	uint64_t instructions = 0;
	struct rusage used;
	double began = now();
	pid_t child = argc > 1 ? fork() : -1;

	if (child == 0)
		_exit(run(argv + 1));
	if (child < 0 || wait4(child, &status, 0, &used) != child)
		return 2;
	if (counter < 0 || read(counter, &instructions, sizeof(instructions)) != sizeof(instructions))
		instructions = 0;
	printf("%.3f %.3f %ld %llu\n", seconds(used.ru_utime) + seconds(used.ru_stime), now() - began, used.ru_maxrss,
	       (unsigned long long)instructions);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
