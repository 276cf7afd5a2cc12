#include "campaign/boot_order.h"

#include "base/fs.h"
#include "campaign/booth.h"
#include "campaign/unit.h"

#define PREPARE_S   600 /* images, and what a host needs to begin */
#define SLACK_S	    60	/* of each test, as the watch has it */
#define BOOT_PHASES 8	/* firmware, kernel, init and power-off, with two firmwares */

static int here(const struct order *order, struct err *err)
{
	return booth_try((const struct boot_order *)order, err);
}

/* Nothing takes longer that is still watched. */
static void need(const struct order *order, struct needs *needs)
{
	const struct boot_order *boot = (const struct boot_order *)order;
	const struct environment *env = &boot->questions[0]->env;

	*needs = (struct needs){ .arch = boot->booth->spec.candidate->arch,
				 .cpus = env->smp,
				 .memory = env->memory,
				 .seconds = PREPARE_S + BOOT_PHASES * env->bootlimit };
	for (size_t i = 0; i < boot->n; i++)
		needs->seconds += boot->questions[i]->env.timelimit + SLACK_S;
}

static void describe(const struct order *order, struct json_object *unit)
{
	unit_put_boot((const struct boot_order *)order, unit);
}

bool boot_order_answers(const struct unit_result *result, const char *candidate,
			const struct question *const *questions, size_t n)
{
	if (result->records.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (*result->records.v[i].boot || !str_eq(result->records.v[i].candidate, candidate) ||
		    !str_eq(result->records.v[i].scenario, questions[i]->scenario))
			return false;
	return true;
}

/* The result's folder becomes the boot's. */
static int take(const struct order *order, const char *folder, struct unit_result *result, struct err *err)
{
	const struct boot_order *boot = (const struct boot_order *)order;
	AUTO_FREE char *from = path_join(folder, UNIT_DONE);

	if (!boot_order_answers(result, boot->booth->spec.candidate->id, boot->questions, boot->n)) {
		err_set(err, ERR_HOST, "%s is the result of something else", from);
		return 1;
	}
	if (fs_move(from, boot->folder, err) < 0)
		return -1;
	if (records_broken(result->records.v, result->records.n) && *result->host)
		strv_add_once(order->avoid, result->host);
	for (size_t i = 0; i < boot->n; i++) {
		boot->records[i] = result->records.v[i];
		result->records.v[i] = (struct record)RECORD_INIT;
	}
	return 0;
}

const struct order_kind boot_order_kind = {
	.here = here,
	.need = need,
	.describe = describe,
	.take = take,
};
