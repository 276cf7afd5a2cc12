#include <locale.h>
#include <signal.h>

#include "base/host.h"
#include "base/manual.h"
#include "base/progress.h"
#include "cmd.h"

static const char summary[] =
    "find which change made a test fail, on which architecture, and how sure that is";

/* design: a contract, scripts depend on it */
static const char exits[] =
    "0\tgood; bisect: found; factors: answered; matrix: nothing fails that did not before\n"
    "1\tbad; bisect, factors: the ends do not differ; matrix: something fails that did not; db check: evidence was changed\n"
    "3\tbisect, factors: undecided; matrix: a cell was not tried, or cannot be judged any more\n"
    "125\tskip: this kernel cannot be judged\n"
    "128\tthe host's or qbisect's own fault: git bisect run stops\n"
    "129\tcommand line or configuration error\n"
    "130\tinterrupted\n";

static int help(int argc, char **argv, int dashes, struct err *err);

static bool man, completion;

static const struct opt help_options[] = {
	OPT_FLAG("man", &man, "print the man page"),
	OPT_FLAG("completion", &completion, "print the completion for bash"),
	OPT_END,
};

static const struct verb cmd_help = {
	"help", "[--man|--completion]", "Shows the verbs", NULL, help_options, NULL, help,
};

static const struct verb *const verbs[] = {
	/* kernels */
	&cmd_kernel_fetch,
	&cmd_kernel_import,
	&cmd_kernel_build,
	&cmd_kernel_list,
	&cmd_kernel_show,
	&cmd_kernel_remove,
	/* questions */
	&cmd_run,
	&cmd_bisect,
	&cmd_factors,
	&cmd_matrix,
	/* their campaigns */
	&cmd_resume,
	&cmd_log,
	&cmd_replay,
	/* where they are */
	&cmd_db_check,
	&cmd_db_gc,
	&cmd_db_rebuild,
	/* the rest */
	&cmd_simulate,
	&cmd_classify,
	&cmd_report,
	&cmd_doctor,
	&cmd_worker,
	&cmd_help,
	NULL,
};

static void print_usage(FILE *to)
{
	fputs(
	    "usage: qbisect VERB ...\n\nFinds which change made a test fail, on which architecture, and how sure that is.\n\n",
	    to);
	for (size_t i = 0; verbs[i]; i++)
		fprintf(to, "  %-16s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\n'qbisect VERB --help' tells more; 'qbisect doctor' what works on this machine.\n", to);
}

static int help(int argc, char **argv, int dashes, struct err *err)
{
	AUTO(buf) out = BUF_INIT;

	(void)dashes;
	if (argc)
		return err_set(err, ERR_USAGE, "help takes no '%s': 'qbisect %s --help' shows a verb's",
			       argv[0], argv[0]);
	if (man)
		manual_man(verbs, summary, exits, &out);
	else if (completion)
		manual_completion(verbs, &out);
	else
		print_usage(stdout);
	fputs(out.s, stdout);
	return 0;
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

#ifdef QBISECT_VERSION
	host_version = QBISECT_VERSION;
#endif
	setlocale(LC_CTYPE, "C");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored by some who start us, and then no child's end would be seen */
	if (argc < 2 || str_eq(argv[1], "--help") || str_eq(argv[1], "-h")) {
		print_usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 129 : 0;
	}
	verb = find_verb(argc - 1, argv + 1, &words);
	status = verb ? run_verb(verb, argc - 1 - words, argv + 1 + words, &err)
		      : unknown_verb(argc - 1, argv + 1, &err);
	progress_clear();
	if (status < 0)
		status = cmd_fail(&err);
	return cmd_flush(status);
}
