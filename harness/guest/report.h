/*
 * What a guest has told of a scenario, and of the boot it ran in: facts, phases, iterations, failures. Pure;
 * nothing is allocated, nothing is to be released; a copy is a snapshot. events.h fills it.
 *
 * The guest is not trusted: every field is checked, what is kept is bounded, and every text is printable ASCII,
 * escaped as it came. A line that breaks the grammar or the order (proto.h) is dropped, and the first such is
 * kept as `error`; reading goes on, so that evidence behind it is still seen: after a gap in the iterations'
 * numbers, too.
 */
#ifndef QB_GUEST_REPORT_H
#define QB_GUEST_REPORT_H

#include "base/buf.h"
#include "proto.h"

enum guest_state {
	GUEST_NONE,    /* no header with our nonce yet */
	GUEST_HEADER,  /* the header */
	GUEST_FACTS,   /* and every fact that proto.h calls needed before the first scenario */
	GUEST_BEGUN,   /* the scenario's turn has come */
	GUEST_STARTED, /* with its own facts told: it runs */
	GUEST_ENDED,   /* it ended, and the counts agree with the lines that were seen */
	GUEST_LEFT,    /* in order: the next one's turn came, or the file system was unmounted to power off */
	GUEST_STATE_N
};

#define GUEST_FAILURES_MAX 64	/* failed iterations kept with their details */
#define GUEST_MODULES_MAX  16	/* facts about modules that did not load */
#define GUEST_OUTPUT_KEPT  2048 /* bytes of an injected program's output, the last ones */
#define GUEST_WORD_MAX	   32

/* A failed iteration. `has` has 1 << GUEST_DETAIL_... for each detail that came; the others are 0 or "". */
struct guest_failure {
	uint64_t iteration;
	unsigned has;
	enum guest_kind kind;
	char name[GUEST_DETAIL_N][GUEST_WORD_MAX]; /* words: errno, file, differs, like, signal */
	uint64_t value[GUEST_DETAIL_N];		   /* numbers and hashes */
};

struct guest_report {
	enum guest_state state;

	unsigned facts;				     /* 1 << GUEST_FACT_... for each that came */
	char fact[GUEST_FACT_N][PROTO_TEXT_MAX + 1]; /* as text, numbers too; the last `module` */
	uint64_t number[GUEST_FACT_N];		     /* those that are numbers */
	unsigned n_modules;			     /* may be above GUEST_MODULES_MAX */
	char module[GUEST_MODULES_MAX][PROTO_TEXT_MAX + 1];

	unsigned phases;		  /* 1 << GUEST_PHASE_... for each that began */
	uint64_t phase_ms[GUEST_PHASE_N]; /* milliseconds from the kernel's boot */

	char workload[GUEST_WORD_MAX];	  /* of the first iteration that was reported */
	uint64_t planned;		  /* iterations; 0: not known (the plan gives seconds) */
	uint64_t passed, failed, skipped; /* iterations reported so far */
	uint64_t early;			  /* of the passed ones: the plan's runtime ended them */
	uint64_t kinds[GUEST_KIND_N];	  /* failed iterations by kind */
	uint64_t ms_sum;		  /* of the iterations' `ms` */
	struct guest_failure failure[GUEST_FAILURES_MAX]; /* the first of them */

	uint64_t heartbeats, heartbeat_ms;     /* how many, and the last one's time */
	uint64_t output_lines, output_dropped; /* dropped: bytes that the guest did not send */
	char output[GUEST_OUTPUT_KEPT + 1];    /* the last whole lines, each with its newline */

	bool broken, skip;
	enum guest_phase broken_phase;
	char broken_errno[GUEST_WORD_MAX]; /* "-": none */
	char reason[PROTO_TEXT_MAX + 1];   /* of `broken`, else of `skip` */

	uint64_t error_line; /* of the events, counted from 1; 0: no error */
	char error[PROTO_TEXT_MAX + 1];

	/* The parser's own. */
	uint64_t last;	/* iteration */
	uint64_t lines; /* of the events, up to the one that is being read */
};

/* Iterations reported so far. */
uint64_t guest_report_done(const struct guest_report *report);

/*
 * The positive proof that the scenario was run as planned: left in order, no error, not broken, not skipped, and
 * every planned iteration (at least one) was reported, passed or failed.
 */
bool guest_report_is_complete(const struct guest_report *report);

/* How many of the failed iterations are in `failure`. */
size_t guest_report_failures_kept(const struct guest_report *report);

/* The words of proto.h, for messages and records. */
const char *guest_state_name(enum guest_state state);
const char *guest_fact_key(enum guest_fact fact);
const char *guest_phase_name(enum guest_phase phase);
const char *guest_kind_name(enum guest_kind kind);
const char *guest_detail_key(enum guest_detail detail);

/* The key of a line of the plan, for who writes one. */
const char *guest_plan_key(enum guest_plan_key key);

/* Appends the details that came: "kind=fsync errno=EIO file=dst0 offset=8192 ...". */
void guest_failure_format(const struct guest_failure *failure, struct buf *out);

/* For events.c: takes a line that moves no state. It is cut up. */
void guest_report_take(struct guest_report *report, char *line);

/* For events.c: whether the facts are there that are needed before `start`, or before the first scenario. */
bool guest_report_may_start(const struct guest_report *report);

/* For events.c: keeps the first error. */
void guest_report_fail(struct guest_report *report, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
