/*
 * What differs between a setting that fails and one that passes, and all settings in between. Pure.
 *
 * A setting in between is the set of differences that are swapped (bisect/factors.h): 0 is the one that
 * fails.
 */
#ifndef QB_DIFFERENCES_H
#define QB_DIFFERENCES_H

#include "config/candidate.h"
#include "config/environment.h"

#define DIFFERENCES_MOST 16

/* What kernels can differ in. A difference of kernels is a set of these: those that no kernel has apart. */
enum kernel_trait { TRAIT_VERSION, TRAIT_PAGESIZE, TRAIT_ARCH, TRAIT_N };

struct difference {
	char *name;			   /* the key, or "kernel", "pagesize", "arch", or several with "+" */
	char *value[2];			   /* where it fails, where it passes; sizes as "64k" */
	const struct environment_key *key; /* NULL: of the kernels */
	unsigned traits;		   /* then: a bit for each of enum kernel_trait */
};

struct differences {
	struct difference v[DIFFERENCES_MOST];
	unsigned n;

	/* private */
	const struct candidate *kernels;
	size_t n_kernels;
	unsigned *sides; /* of each kernel: a bit for each trait that is the passing end's */
	bool by_id;	 /* the kernels differ in no trait: they are told apart by their ids */
	struct environment env[2];
};
#define DIFFERENCES_INIT                                                                                     \
	{                                                                                                    \
		.n = 0                                                                                       \
	}

/*
 * Of kernels[0] in env[0], which fails, and kernels[1] in env[1]; further kernels are mixtures of the two.
 * Kernels stay the caller's and are borrowed. ERR_USAGE: nothing differs, or too much; a further kernel is no
 * mixture.
 */
int differences_find(const struct candidate *kernels, size_t n_kernels, const struct environment env[2],
		     struct differences *differences, struct err *err);

/*
 * The setting with these differences swapped; *kernel stays the caller's list's. ERR_USAGE: there can be no
 * such setting, with the reason: no kernel was given that has this version with those pages, or
 * environment_check().
 */
int differences_setting(const struct differences *differences, uint32_t swapped,
			const struct candidate **kernel, struct environment *env, struct err *err);

/* The opposite, from a trial's record: which differences were swapped. False: it was another question's. */
bool differences_recognize(const struct differences *differences, const char *kernel,
			   const struct strv *environment, uint32_t *swapped);

/* The difference that has the kernel's version (alone, or with what goes along with it), or -1. */
int differences_kernel(const struct differences *differences);

/* Appends the part of a release that says which source it is: without the flavour, as in "6.12.107+deb13" of
 * "6.12.107+deb13-powerpc64le-64k", and without the architecture behind a dot. */
void differences_version(const struct candidate *kernel, struct buf *out);

void differences_release(struct differences *differences);
AUTO_DEFINE(differences, struct differences, differences_release);

#endif
