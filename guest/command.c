#include "command.h"

#include "emit.h"
#include "facts.h"
#include "supervise.h"

#define NO_NONCE "0000000000000000"

static const struct {
	const char *option, *key;
} ltp[] = { { "-b", "blocksize" }, { "-s", "filesize" }, { "-n", "depth" }, { "-f", "flags" } };

static int usage(const char *why)
{
	fprintf(
	    stderr,
	    "%s\nusage: init WORKLOAD [-b SIZE] [-s SIZE] [-n N] [-f DIRECT|SYNC] [--KEY VALUE]... FOLDER "
	    "[PROGRAM [ARGUMENT]...]\n",
	    why);
	return 2;
}

/* "4k" is written as "4096" into `number`; any other value is itself. */
static char *expand(char *value, char *number, size_t size)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);

	if (end == value || (*end != 'k' && *end != 'M') || end[1])
		return value;
	snprintf(number, size, "%llu", n << (*end == 'k' ? 10 : 20));
	return number;
}

static bool set_option(struct plan *plan, const char *option, char *value)
{
	char number[32];

	value = expand(value, number, sizeof(number)); /* the plan keeps no pointer to a number */
	for (size_t i = 0; i < ARRAY_SIZE(ltp); i++)
		if (strcmp(ltp[i].option, option) == 0)
			return plan_set(plan, ltp[i].key, value);
	if (strncmp(option, "--", 2) == 0)
		return plan_set(plan, option + 2, value);
	snprintf(plan->error, sizeof(plan->error), "unknown option '%.32s'", option);
	return false;
}

/* Reads the options; *argv then starts at the folder. */
static bool read_options(struct plan *plan, char ***argv, const char **nonce)
{
	char **arg = *argv;

	for (; *arg && **arg == '-' && arg[1]; arg += 2) {
		if (strcmp(*arg, "--nonce") == 0)
			*nonce = arg[1];
		else if (!set_option(plan, *arg, arg[1]))
			return false;
	}
	*argv = arg;
	return true;
}

/* The program and its arguments, as they are: here nothing is escaped. */
static bool set_program(struct plan *plan, char **program)
{
	if (!*program)
		return true;
	if (!plan_set(plan, "exec", *program++))
		return false;
	while (*program && plan->n_args < PROTO_PLAN_ARGS_MAX)
		plan->arg[plan->n_args++] = *program++;
	return true;
}

int command_run(int argc, char **argv)
{
	static struct plan plan;
	const char *nonce = NO_NONCE;
	char **rest = argv + 2;

	plan_init(&plan);
	if (argc < 3 || !plan_set(&plan, "workload", argv[1]) || !read_options(&plan, &rest, &nonce))
		return usage(argc < 3 ? "which workload, and where?" : plan.error);
	if (!*rest || chdir(*rest) < 0)
		return usage("FOLDER is not a folder");
	if (!set_program(&plan, rest + 1) || !plan_check(&plan))
		return usage(plan.error);
	emit_to(STDOUT_FILENO, nonce);
	emit_header();
	facts_machine();
	facts_file_system(".");
	emit_phase(GUEST_PHASE_SCENARIO, boot_ms());
	emit_scenario(1, plan_workload(&plan));
	facts_folder();
	if (plan.iterations)
		emit_plan(plan.iterations);
	return supervise(&plan, 0) == SCENARIO_ENDED ? 0 : 2;
}
