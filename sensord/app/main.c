/* SPDX-License-Identifier: BSD-2-Clause
 * The program; all of it but this line is a library that tests and fuzzers link too. */
#include "cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
