/* The order of a boot (campaign/runtime.h): one candidate, with the questions that are asked in it. */
#ifndef QB_BOOT_ORDER_H
#define QB_BOOT_ORDER_H

#include "campaign/runtime.h"

struct booth;
struct question;
struct record;

struct boot_order {
	struct order base; /* first; of the kind boot_order_kind */
	const struct booth *booth;
	const struct question *const *questions; /* n of them, which share the boot */
	size_t n;
	const char *folder;	/* that the boot leaves; it does not exist yet */
	struct record *records; /* n fresh ones: its outcome, with the folder if the boot got so far */
};

extern const struct order_kind boot_order_kind;

/* Whether a unit's result has the records of a boot that asked n questions of a candidate, in their order. */
bool boot_order_answers(const struct unit_result *result, const char *candidate,
			const struct question *const *questions, size_t n);

#endif
