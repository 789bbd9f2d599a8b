/* SPDX-License-Identifier: BSD-2-Clause
 * Runs a command and says what it took, in one line: CPU seconds (user and system), seconds on the wall, peak resident
 * KiB. The command's own output is dropped. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
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
	int status = 0;
	struct rusage used;
	double began = now();
	pid_t child = argc > 1 ? fork() : -1;

	if (child == 0)
		_exit(run(argv + 1));
	if (child < 0 || wait4(child, &status, 0, &used) != child)
		return 2;
	printf("%.3f %.3f %ld\n", seconds(used.ru_utime) + seconds(used.ru_stime), now() - began, used.ru_maxrss);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
