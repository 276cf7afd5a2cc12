#include "campaign/build_order.h"

#include "base/fs.h"
#include "base/progress.h"
#include "campaign/setup.h"
#include "campaign/unit.h"
#include "campaign/units.h"

static int here(const struct order *order, struct err *err)
{
	const struct build_order *build = (const struct build_order *)order;

	return build_kernel(build->cache, build->spec, build->out, err);
}

static void need(const struct order *order, struct needs *needs)
{
	*needs = (struct needs){ .seconds = build_limit(((const struct build_order *)order)->spec) };
}

static void describe(const struct order *order, struct json_object *unit)
{
	unit_put_build(((const struct build_order *)order)->spec, unit);
}

/* What another host has put into the catalog. */
static int look_up(const struct build_order *build, struct err *err)
{
	AUTO_FREE char *records = NULL;
	int known;

	build_result_release(build->out);
	known = build_lookup(build->cache, build->spec, build->out, err);
	if (known != 0)
		return known;
	records = xasprintf("%.*s", (int)(path_base(build->out->log) - build->out->log), build->out->log);
	fs_look_again(records);
	fs_look_again(build->cache);
	build_result_release(build->out);
	return build_lookup(build->cache, build->spec, build->out, err);
}

static int take(const struct order *order, const char *folder, struct unit_result *result, struct err *err)
{
	const struct build_order *build = (const struct build_order *)order;
	int known;

	if (!result->unbuilt && !(result->built && str_eq(result->built, build->spec->key))) {
		err_set(err, ERR_HOST, "%s has the result of something else", folder);
		return 1;
	}
	known = look_up(build, err);
	if (known < 0 && err->kind != ERR_CANDIDATE)
		return -1;
	if (known == 0 && result->built) {
		err_set(err, ERR_HOST,
			"what %s built of %.12s is not in %s, which all hosts must share (see --home)",
			*result->host ? result->host : "a host", build->spec->rev, build->cache);
		return 1;
	}
	if (known == 0)
		known = err_set(err, ERR_CANDIDATE, "%s", result->unbuilt);
	return units_empty(folder, err) < 0 ? -1 : known > 0 ? 0 : -1;
}

const struct order_kind build_order_kind = {
	.alone = true,
	.here = here,
	.need = need,
	.describe = describe,
	.take = take,
};

static int run(const struct setup *setup, const struct build_order *build, struct err *err)
{
	struct runtime *runtime = setup->runtime;

	for (unsigned tries = 1;; tries++) {
		AUTO(err) lost = ERR_INIT;
		int status;

		build_result_release(build->out);
		status = runtime->ops->run(runtime, &build->base, &lost);
		if (status == 0)
			return 0;
		if (status < 0)
			return err_set(err, lost.kind, "%s", lost.text);
		if (tries == RUNTIME_TRIES)
			return runtime_give_up(&build->base, build->base.label, lost.text, err);
		progress_step("%s: lost: %s", build->base.label, lost.text);
	}
}

int build_order_run(const struct setup *setup, const struct campaign *campaign, const struct build_spec *spec,
		    const char *label, struct build_result *out, struct err *err)
{
	AUTO_FREE char *commit = NULL, *key = NULL, *toolchain = NULL;
	AUTO(strv) avoid = STRV_INIT;
	struct build_spec whole = *spec;
	struct build_order build = {
		{ &build_order_kind, campaign, label, &avoid, false }, setup->catalog, &whole, out
	};
	int known = build_lookup(setup->catalog, spec, out, err);

	if (known != 0)
		return known < 0 ? -1 : 0;
	commit = xstrdup(out->commit.id);
	key = xstrdup(out->key);
	toolchain = xstrdup(out->toolchain);
	whole.rev = commit;
	whole.key = key;
	whole.toolchain = toolchain;
	return run(setup, &build, err);
}
