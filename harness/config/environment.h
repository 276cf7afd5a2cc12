/*
 * The environment: everything about a trial that is not the kernel (design.md, section 1). Pure.
 *
 * One table row a key; from the rows come --set, the JSON keys, the ranges, the help and the record of a
 * trial. The struct holds no pointers to free: copy it freely.
 */
#ifndef QB_ENVIRONMENT_H
#define QB_ENVIRONMENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct environment {
	/* the machine */
	unsigned smp;
	unsigned memory;	 /* MiB */
	const char *accelerator; /* auto, tcg, kvm */
	const char *firmware;	 /* auto, vof, slof */
	uint64_t pagesize;	 /* bytes the guest must have; 0: what the candidate says */
	/* the disk */
	const char *filesystem; /* btrfs, ext4, xfs */
	uint64_t sectorsize;	/* bytes of the file system's block */
	bool nocow;
	char mountoptions[128];
	unsigned disksize; /* MiB */
	uint64_t logicalblocksize;
	/* the scenario's options */
	const char *workload; /* aiocp, exec, or one of LTP's stress tests (guest/stress.h) */
	uint64_t blocksize;   /* of one write */
	uint64_t filesize;
	unsigned depth;	     /* I/O in flight */
	const char *flags;   /* DIRECT, SYNC, none */
	const char *buffers; /* aligned, mixed, 512 */
	unsigned files;
	unsigned children, appends, rounds; /* of the stress tests */
	uint64_t offset, readsize;
	const char *probe; /* mixed, mmap, punch, cut, append (guest/probe.h) */
	const char *judge; /* of workload exec: ltp, exit, ktap, regex (guest/result.h) */
	char pattern[128];
	char bring[1024];    /* host paths for workload exec, commas between them */
	unsigned runtime;    /* seconds after which an iteration of theirs ends early */
	unsigned iterations; /* in one boot; 0: by seconds */
	unsigned seconds;
	unsigned timelimit; /* seconds for the whole test in the guest */
	unsigned bootlimit; /* seconds for each other phase: firmware, kernel, init, power-off */
	unsigned seed;
};

struct environment_key {
	const char *name;
	enum { KEY_UINT, KEY_SIZE, KEY_BOOL, KEY_CHOICE, KEY_TEXT } type;
	enum { PART_BOOT, PART_SCENARIO } part; /* whether all scenarios of a boot have it in common */
	size_t offset;
	const char *initial;	    /* the default, as environment_set() reads it */
	uint64_t min, max;	    /* KEY_UINT and KEY_SIZE */
	const char *const *choices; /* KEY_CHOICE: NULL-terminated */
	bool power_of_two;
	const char *help;
};

/* The table, ended by a row without a name. */
extern const struct environment_key environment_keys[];

/* All defaults. */
void environment_init(struct environment *env);

/*
 * Sets a key from text: whole numbers, sizes with k, M or G, true/false, a choice, or free text. -1
 * (ERR_USAGE) names the key and what was expected; an unknown key names the nearest one.
 */
int environment_set(struct environment *env, const char *key, const char *value, struct err *err);

/* "KEY=VALUE", as in --set. */
int environment_set_pair(struct environment *env, const char *pair, struct err *err);

/* What contradicts itself or cannot work on the arch, with what to do. ERR_USAGE. */
int environment_check(const struct environment *env, const char *arch, struct err *err);

/* Whether a boot can run scenarios in both, one after the other: they differ in nothing but the scenario's
 * part, and neither runs a program of the user's, whose files would have to stay apart. */
bool environment_shares_boot(const struct environment *a, const struct environment *b);

/* Appends the value of a key as environment_set() reads it. */
void environment_get(const struct environment *env, const struct environment_key *key, struct buf *out);

/* Appends "KEY=VALUE" for every key: what makes the same environment again. */
void environment_list(const struct environment *env, struct strv *pairs);

/* Appends a line of --set help for each key. */
void environment_help(struct buf *out);

#endif
