#include "guest/plan.h"

#include "guest/domain.h"
#include "guest/report.h"

static void add_text(struct buf *out, enum guest_plan_key key, const char *value)
{
	buf_addf(out, "%s %s\n", guest_plan_key(key), value);
}

static void add_number(struct buf *out, enum guest_plan_key key, uint64_t value)
{
	buf_addf(out, "%s %llu\n", guest_plan_key(key), (unsigned long long)value);
}

static void add_options(const struct environment *env, struct buf *out)
{
	add_number(out, GUEST_PLAN_BLOCKSIZE, env->blocksize);
	add_number(out, GUEST_PLAN_FILESIZE, env->filesize);
	add_number(out, GUEST_PLAN_DEPTH, env->depth);
	add_text(out, GUEST_PLAN_FLAGS, env->flags);
	add_text(out, GUEST_PLAN_BUFFERS, env->buffers);
	add_number(out, GUEST_PLAN_FILES, env->files);
	add_number(out, GUEST_PLAN_CHILDREN, env->children);
	add_number(out, GUEST_PLAN_APPENDS, env->appends);
	add_number(out, GUEST_PLAN_ROUNDS, env->rounds);
	add_number(out, GUEST_PLAN_OFFSET, env->offset);
	add_number(out, GUEST_PLAN_READSIZE, env->readsize);
	add_text(out, GUEST_PLAN_PROBE, env->probe);
	add_number(out, GUEST_PLAN_RUNTIME, env->runtime);
	add_number(out, GUEST_PLAN_SEED, env->seed);
}

static int add_program(const struct environment *env, const struct plan_program *program, struct buf *out,
		       struct err *err)
{
	const char *slash;
	size_t n = 0;

	if (!program->path)
		return err_set(err, ERR_USAGE, "workload exec needs a program: add --inject FILE -- ARG...");
	slash = strrchr(program->path, '/');
	buf_addf(out, "%s %s%s\n", guest_plan_key(GUEST_PLAN_EXEC), PROTO_PLAN_INJECT,
		 slash ? slash + 1 : program->path);
	add_text(out, GUEST_PLAN_JUDGE, env->judge);
	if (*env->pattern)
		add_text(out, GUEST_PLAN_PATTERN, env->pattern);
	for (; program->args && program->args[n]; n++) {
		char escaped[PROTO_PLAN_LINE_MAX - 16];
		size_t len = strlen(program->args[n]);

		if (n == PROTO_PLAN_ARGS_MAX)
			return err_set(err, ERR_USAGE, "--inject: at most %d arguments", PROTO_PLAN_ARGS_MAX);
		if (proto_escape(escaped, sizeof(escaped), program->args[n], len, true) < len)
			return err_set(err, ERR_USAGE, "--inject: argument %zu is too long", n + 1);
		add_text(out, GUEST_PLAN_ARG, escaped);
	}
	return 0;
}

static int add_scenario(const struct plan_scenario *scenario, struct buf *out, struct err *err)
{
	const struct environment *env = scenario->env;
	char label[PROTO_LABEL_MAX + 1];

	proto_escape(label, sizeof(label), scenario->name, strlen(scenario->name), true);
	add_text(out, GUEST_PLAN_SCENARIO, label);
	add_number(out, GUEST_PLAN_NOCOW, env->nocow);
	add_number(out, GUEST_PLAN_TIMELIMIT, env->timelimit);
	if (env->iterations)
		add_number(out, GUEST_PLAN_ITERATIONS, env->iterations);
	else
		add_number(out, GUEST_PLAN_SECONDS, env->seconds);
	add_text(out, GUEST_PLAN_WORKLOAD, env->workload);
	if (str_eq(env->workload, "exec"))
		return add_program(env, &scenario->program, out, err);
	add_options(env, out);
	return 0;
}

int plan_write(const struct plan_scenario *scenarios, size_t n, const char *events,
	       const struct strv *modules, struct buf *out, struct err *err)
{
	const struct environment *env = scenarios->env;

	if (modules->n > PROTO_PLAN_MODULES_MAX)
		return err_set(err, ERR_USAGE, "the kernel needs %zu modules, more than %d", modules->n,
			       PROTO_PLAN_MODULES_MAX);
	if (n > PROTO_SCENARIOS_MAX)
		return err_set(err, ERR_USAGE, "%zu scenarios in one boot are more than %d", n,
			       PROTO_SCENARIOS_MAX);
	buf_adds(out, PROTO_PLAN_HEADER "\n");
	add_text(out, GUEST_PLAN_EVENTS, events);
	for (size_t i = 0; i < modules->n; i++)
		add_text(out, GUEST_PLAN_MODULE, modules->v[i]);
	add_text(out, GUEST_PLAN_DISK, DOMAIN_DISK_SERIAL);
	add_text(out, GUEST_PLAN_FSTYPE, env->filesystem);
	if (*env->mountoptions)
		add_text(out, GUEST_PLAN_MOUNTOPTIONS, env->mountoptions);
	for (size_t i = 0; i < n; i++)
		if (add_scenario(&scenarios[i], out, err) < 0)
			return -1;
	return 0;
}
