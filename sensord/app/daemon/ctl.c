/* SPDX-License-Identifier: BSD-2-Clause
 * sensord ctl: asks a running sensord at its control socket, and shows the answer to people or hands it on as JSON. What
 * comes back tells of the network: it is shown without control characters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli.h"
#include "conf/table.h"
#include "control_request.h"
#include "ctl_show.h"
#include "site/site.h"

enum { OPTION_SOCKET, OPTION_CONFIG, OPTION_JSON, OPTION_ONCE, OPTION_INTERVAL };

static const struct option_row options[] = {
	[OPTION_SOCKET] = { "socket", 'S', "PATH", "control socket (default: run.control of the site file, else /run/sensord/control.sock)" },
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file of the sensord that is asked" },
	[OPTION_JSON] = { "json", 'j', NULL, "answers as they come, a line of JSON each" },
	[OPTION_ONCE] = { "once", '1', NULL, "top: once, on a terminal too" },
	[OPTION_INTERVAL] = { "interval", 'n', "SECONDS", "top: seconds between two looks (default 2)" },
	{ 0 },
};

struct asking {
	const char *socket, *site;
	bool json, once;
	unsigned interval;
	struct text request;
	char room[LIMIT_CONTROL_LINE];
};

static bool could_not(const char *where, const char *why)
{
	fprintf(stderr, "sensord: %s: %s\n", where, why);
	return false;
}

static FILE *call(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	FILE *f = NULL;

	if (strlen(path) >= sizeof(a.sun_path)) {
		could_not(path, "the path is too long for a socket");
		return NULL;
	}
	memcpy(a.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		f = fdopen(fd, "r+");
	if (!f) {
		could_not(path, errno == ENOENT || errno == ECONNREFUSED ? "no sensord listens there (is it running? -S names another socket)" :
									    strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return f;
}

/* ---- answers ---- */

/* False: the answer is a refusal, told on standard error. */
static bool good_answer(const struct document *answer)
{
	const struct node *root = document_root(answer, 0);
	const struct node *ok = node_get(root, "ok"), *error = node_get(root, "error");

	if (ok && ok->text && strcmp(ok->text, "true") == 0)
		return true;
	fputs("sensord: ", stderr);
	show_safe(stderr, error && error->text ? error->text : "an answer that makes no sense");
	fputc('\n', stderr);
	return false;
}

static enum exit_code show(const struct asking *a, enum control_verb verb, const char *line, size_t size)
{
	struct error err = { 0 };
	struct document *answer = document_parse("answer", bytes_of(line, size), &err);
	const struct node *healthy;

	if (!answer || !document_root(answer, 0)) {
		could_not("answer", err.text);
		document_free(answer);
		return EXIT_COULD_NOT;
	}
	bool ok = good_answer(answer);
	healthy = node_get(document_root(answer, 0), "healthy");
	if (ok && a->json)
		fwrite(line, 1, size, stdout);
	else if (ok)
		show_answer(stdout, verb, document_root(answer, 0));
	enum exit_code code = !ok ? EXIT_COULD_NOT : healthy && strcmp(healthy->text, "false") == 0 ? EXIT_ANSWER_NO : EXIT_FINE;
	document_free(answer);
	return code;
}

/* Lines until the sensor goes away. */
static enum exit_code follow(const struct asking *a, FILE *f, char **line, size_t *room)
{
	ssize_t size;

	while ((size = getline(line, room, f)) > 0) {
		if (a->json)
			fwrite(*line, 1, (size_t)size, stdout);
		else
			show_line(stdout, bytes_of(*line, (size_t)size));
		if (fflush(stdout) != 0)
			return EXIT_FINE; /* the reader has gone */
	}
	could_not(a->socket, "sensord has gone");
	return EXIT_COULD_NOT;
}

static enum exit_code ask_once(const struct asking *a, enum control_verb verb)
{
	enum exit_code code = EXIT_COULD_NOT;
	FILE *f = call(a->socket);
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	if (!f)
		return code;
	if (fprintf(f, "%.*s\n", (int)a->request.used, a->request.at) < 0 || fflush(f) != 0 || (size = getline(&line, &room, f)) <= 0)
		could_not(a->socket, "sensord hung up");
	else if (verb == CONTROL_TAIL)
		code = strncmp(line, "{\"ok\":true", 10) == 0 ? follow(a, f, &line, &room) : show(a, verb, line, (size_t)size);
	else
		code = show(a, verb, line, (size_t)size);
	free(line);
	fclose(f);
	return code;
}

static enum exit_code ask(const struct asking *a, enum control_verb verb)
{
	bool again = verb == CONTROL_TOP && !a->once && !a->json && isatty(STDOUT_FILENO);
	enum exit_code code;

	do {
		if (again)
			fputs("\033[H\033[2J", stdout);
		code = ask_once(a, verb);
		fflush(stdout);
	} while (again && code == EXIT_FINE && sleep(a->interval) == 0);
	return code;
}

/* ---- the command line ---- */

static bool add_word(struct asking *a, const char *word)
{
	if (a->request.used)
		text_char(&a->request, ' ');
	text_string(&a->request, word);
	return strpbrk(word, "\r\n") == NULL || could_not("ctl", "a word with a line end is no request");
}

static bool take(void *to, int option, const char *argument)
{
	struct asking *a = to;
	uint64_t n;

	if (option == OPTION_SOCKET)
		a->socket = argument;
	else if (option == OPTION_CONFIG)
		a->site = argument;
	else if (option == OPTION_JSON)
		a->json = true;
	else if (option == OPTION_ONCE)
		a->once = true;
	else if (option == OPTION_INTERVAL && bytes_decimal(bytes_string(argument), 3600, &n) && n > 0)
		a->interval = (unsigned)n;
	else if (option == OPTION_INTERVAL)
		return could_not("--interval", "from 1 to 3600 seconds are expected");
	else
		return add_word(a, argument);
	return true;
}

/* The site file or the defaults know where the socket is. */
static bool find_socket(struct asking *a, char *room, size_t size)
{
	struct error err = { 0 };
	char text[1024];

	if (a->socket)
		return true;
	struct site *site = a->site ? site_read(a->site, &err) : site_default();
	if (!site)
		return could_not("ctl", error_format(&err, text, sizeof(text)));
	const char *control = site_run(site).control;
	snprintf(room, size, "%s", control ? control : "");
	site_free(site);
	a->socket = room;
	return true;
}

static enum exit_code usage(void)
{
	fputs("usage: sensord ctl [-S SOCKET] COMMAND [KEY=VALUE]…\n\n", stderr);
	for (size_t i = 0; i < CONTROL_VERBS; i++)
		fprintf(stderr, "  %-8s %s%s%s\n", control_commands[i].name, control_commands[i].about, *control_commands[i].options ? ": " : "",
			control_commands[i].options);
	return EXIT_COULD_NOT;
}

static enum exit_code run(int argc, char **argv)
{
	struct asking a = { .interval = 2 };
	struct control_request request;
	struct error err = { 0 };
	char room[256];
	enum exit_code code;

	a.request = TEXT_ON(a.room);
	if (!cli_read(&command_ctl, argc, argv, take, &a, &code))
		return code;
	if (a.request.used == 0)
		return usage();
	/* The same table on both sides: what the sensor would refuse is told here. */
	if (!control_parse(text_bytes(&a.request), &request, &err)) {
		could_not("ctl", err.text);
		return EXIT_COULD_NOT;
	}
	return find_socket(&a, room, sizeof(room)) ? ask(&a, request.verb) : EXIT_COULD_NOT;
}

const struct command command_ctl = {
	.name = "ctl",
	.synopsis = "[-S SOCKET] status|stats|health|top|tail|reload|rotate [KEY=VALUE]…",
	.about = "asks a running sensord: status, stats, health, top, tail, reload, rotate",
	.options = options,
	.run = run,
};
