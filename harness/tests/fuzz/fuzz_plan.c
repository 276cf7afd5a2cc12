/*
 * The guest's plan, as it stands in the initramfs. What is taken does only what it says:
 *  - a workload, a judge and a file system that are named in it, numbers that are within their bounds, and either iterations
 *    or seconds;
 *  - texts that end, words that stand in it, and no more of them than there is room for.
 * What is refused says why.
 */
#include <assert.h>

#include "plan.c" /* the guest's; NOLINT(bugprone-suspicious-include): there is no library to link */
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ends(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

static void check_words(char *const *list, unsigned n, unsigned most, const char *text, size_t size)
{
	assert(n <= most);
	for (unsigned i = 0; i < n; i++)
		assert(list[i] >= text && list[i] <= text + size);
}

static void check_numbers(const struct plan *plan)
{
	assert(plan->nocow <= 1 && plan->files >= 1 && plan->files <= 1024);
	assert(plan->blocksize >= 1 && plan->blocksize <= 1 << 30 && plan->filesize >= 1 && plan->depth >= 1);
	assert(plan->timelimit >= 1 && plan->timelimit <= DAY && plan->seconds <= DAY);
	assert(plan->iterations <= PROTO_ITERATIONS_MAX && !plan->iterations != !plan->seconds);
	assert(plan->flags <= FLAGS_SYNC && plan->buffers <= BUFFERS_512 && plan->probe <= PROBE_APPEND);
}

static void check(const struct plan *plan, const char *text, size_t size, const char *whole)
{
	assert(ends(plan->label, sizeof(plan->label)) && ends(plan->events, sizeof(plan->events)));
	assert(ends(plan->disk, sizeof(plan->disk)) && ends(plan->fstype, sizeof(plan->fstype)));
	assert(ends(plan->mountoptions, sizeof(plan->mountoptions)));
	assert(ends(plan->exec, sizeof(plan->exec)) && ends(plan->pattern, sizeof(plan->pattern)));
	check_words(plan->module, plan->n_modules, PROTO_PLAN_MODULES_MAX, text, size);
	check_words(plan->arg, plan->n_args, PROTO_PLAN_ARGS_MAX, text, size);
	check_numbers(plan);
	assert(strstr(whole, plan->label) && strstr(whole, plan_workload(plan)));
	assert(strcmp(plan->fstype, "none") == 0 || (strstr(whole, plan->fstype) && *plan->disk));
	assert(plan->judge <= JUDGE_REGEX && (plan->judge == JUDGE_REGEX) == (*plan->pattern != '\0'));
	assert(plan->judge == JUDGE_LTP || strstr(whole, judges[plan->judge]));
	assert(plan->workload != WORKLOAD_EXEC || *plan->exec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *whole;
	struct plan_list list;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	whole = strdup(text);
	if (whole && plan_parse(&list, text)) {
		assert(list.n >= 1 && list.n <= PROTO_SCENARIOS_MAX && !*list.boot.error);
		for (size_t i = 0; i < list.n; i++)
			check(&list.scenario[i], text, size, whole);
		free(list.scenario);
	} else if (whole) {
		fuzz_must_read(false);
		assert(*list.boot.error && ends(list.boot.error, sizeof(list.boot.error)));
		free(list.scenario);
	}
	free(whole);
	free(text);
	return 0;
}
