#include <locale.h>
#include <signal.h>

#include "base/progress.h"
#include "cmd.h"

static const struct verb *const verbs[] = {
	NULL,
};

struct opts_common cmd_common;

static void print_usage(FILE *to)
{
	fputs(
	    "usage: qbisect VERB ...\n\nFinds which change made a test fail, on which architecture, and how sure that is.\n\n",
	    to);
	for (size_t i = 0; verbs[i]; i++)
		fprintf(to, "  %-16s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\n'qbisect VERB --help' tells more; 'qbisect doctor' what works on this machine.\n", to);
}

/* Finds the verb that the line begins with; *words is how many words its name has. */
static const struct verb *find_verb(int argc, char **argv, int *words)
{
	for (size_t i = 0; verbs[i]; i++) {
		const char *name = verbs[i]->name, *space = strchr(name, ' ');
		size_t first = space ? (size_t)(space - name) : strlen(name);

		if (strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
			continue;
		if (space && (argc < 2 || !str_eq(argv[1], space + 1)))
			continue;
		*words = space ? 2 : 1;
		return verbs[i];
	}
	return NULL;
}

static int unknown_verb(int argc, char **argv, struct err *err)
{
	AUTO_FREE char *two = xasprintf("%s%s%s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	const char *names[ARRAY_SIZE(verbs)];
	AUTO(buf) hint = BUF_INIT;
	size_t n = 0;

	for (; verbs[n]; n++)
		names[n] = verbs[n]->name;
	names[n] = NULL;
	opts_suggest(argv[0], names, &hint);
	if (!hint.len)
		opts_suggest(two, names, &hint);
	return err_set(err, ERR_USAGE, "unknown verb '%s'%s ('qbisect --help' lists them)", argv[0], hint.s);
}

static int run_verb(const struct verb *verb, int argc, char **argv, struct err *err)
{
	AUTO(buf) help = BUF_INIT;
	int dashes, left = opts_parse(verb, argc, argv, &cmd_common, &dashes, err);

	if (left < 0)
		return -1;
	if (cmd_common.quiet)
		progress_quiet();
	if (cmd_common.help) {
		opts_help(verb, &help);
		fputs(help.s, stdout);
		return 0;
	}
	return verb->run(left, argv, dashes, err);
}

int main(int argc, char **argv)
{
	AUTO(err) err = ERR_INIT;
	const struct verb *verb;
	int words = 0, status;

	setlocale(LC_CTYPE, "C");
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || str_eq(argv[1], "--help") || str_eq(argv[1], "-h") || str_eq(argv[1], "help")) {
		print_usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 129 : 0;
	}
	verb = find_verb(argc - 1, argv + 1, &words);
	status = verb ? run_verb(verb, argc - 1 - words, argv + 1 + words, &err)
		      : unknown_verb(argc - 1, argv + 1, &err);
	progress_clear();
	if (status < 0) {
		fprintf(stderr, "qbisect: %s\n", err.text);
		status = err_exit_code(err.kind);
	}
	if (fflush(stdout) == EOF && status == 0) {
		perror("qbisect: cannot write to stdout");
		status = 128;
	}
	return status;
}
