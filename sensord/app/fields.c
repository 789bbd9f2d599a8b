/* SPDX-License-Identifier: BSD-2-Clause
 * sensord fields: the field registry. */
#include <stdio.h>

#include "base/text.h"
#include "cli.h"
#include "record/record.h"

static const struct option_row options[] = {
	{ "json", 'j', NULL, "as JSON, for tools" },
	{ 0 },
};

static void print_json(const struct field_row *row, bool last)
{
	printf("  {\"name\": \"%s\", \"type\": \"%s\", \"list\": %s, \"datasets\": [", row->name, field_type_name(row->type),
	       row->list ? "true" : "false");
	struct bytes rest = bytes_string(row->kinds);
	for (bool first = true; rest.size > 0; first = false) {
		struct bytes kind = bytes_split(&rest, ' ');
		printf("%s\"%.*s\"", first ? "" : ", ", (int)kind.size, (const char *)kind.at);
	}
	printf("], \"description\": \"%s\"}%s\n", row->doc, last ? "" : ",");
}

static bool take(void *to, int option, const char *argument)
{
	if (option == CLI_OPERAND)
		cli_misused(&command_fields, "\"%s\" is too much", argument);
	*(bool *)to = true;
	return option != CLI_OPERAND;
}

static enum exit_code run(int argc, char **argv)
{
	const enum field *order = fields_by_name();
	bool json = false;
	enum exit_code code;

	if (!cli_read(&command_fields, argc, argv, take, &json, &code))
		return code;
	if (json)
		printf("[\n");
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct field_row *row = &fields[order[i]];
		if (json)
			print_json(row, i + 1 == FIELD_COUNT);
		else
			printf("%-40s %-6s%s %-24s %s\n", row->name, field_type_name(row->type), row->list ? "[]" : "  ", row->kinds, row->doc);
	}
	if (json)
		printf("]\n");
	return EXIT_FINE;
}

const struct command command_fields = {
	.name = "fields",
	.synopsis = "[--json]",
	.about = "prints the field registry",
	.options = options,
	.run = run,
};
