/* The order of a build (campaign/runtime.h): a commit that is made into a kernel of the catalog, which all hosts share. */
#ifndef QB_BUILD_ORDER_H
#define QB_BUILD_ORDER_H

#include "campaign/runtime.h"
#include "kernel/build.h"

struct setup;

struct build_order {
	struct order base; /* first; of the kind build_order_kind */
	const char *cache;
	const struct build_spec *spec;
	struct build_result *out; /* its outcome, as build_kernel() has it */
};

extern const struct order_kind build_order_kind;

/*
 * build_kernel(), by the runtime of a setup that is connected, for a campaign whose lock is held: what is known is not
 * built again; one that is lost is tried again, twice. `label` is for progress. *out must be fresh. -1: as build_kernel().
 */
int build_order_run(const struct setup *setup, const struct campaign *campaign, const struct build_spec *spec,
		    const char *label, struct build_result *out, struct err *err);

#endif
