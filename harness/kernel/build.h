/*
 * A commit of a kernel tree becomes a candidate of the catalog.
 *
 *	build_spec	which commit, for which architecture, with which configuration
 *	build_lookup()	what is known without building: costs some milliseconds
 *	build_kernel()	the same, and builds when nothing is known
 *
 * The answer is kept by content: tree, configuration and toolchain. So a commit with the tree of another is
 * not built again, and two commits whose images are the same are one candidate; `same_as` tells. What is
 * built comes from a work tree of qbisect's own (kernel/tree.h) and stays warm in an object folder for each
 * configuration:
 *
 *	<cache>/.build/lock			held while something is built here; the others wait
 *	<cache>/.build/<repository>/tree/	the work tree
 *	.../tree/.qbisect-<configuration>/	objects, and qbisect's notes on them
 *	<cache>/.build/records/<key>.json .log .deps	the answer; what make wrote; the files that were
 *							compiled
 *	<cache>/.build/at-<place>.<n>/		lock, work trees and objects of builds that are not to wait for each
 *						other: of a host of a cluster, where many share the cache
 *
 * Killed at any moment, nothing is believed that is half done: an object folder in which make did not end by
 * itself is wiped, and the answer is written last. May be called from any thread.
 */
#ifndef QB_BUILD_H
#define QB_BUILD_H

#include "config/build_record.h"
#include "kernel/git.h"

struct build_spec {
	const char *git;	     /* a folder in the repository */
	const char *rev;	     /* as git names revisions; NULL: the checkout as it stands */
	const char *arch;	     /* as in candidates: "ppc64le" */
	unsigned pagesize;	     /* bytes; 0: the usual one of the architecture, or what `config` says */
	const char *config;	     /* a .config of the user; NULL: a small one for qbisect's guests */
	unsigned jobs;		     /* 0: as many as the machine has cores */
	unsigned timelimit;	     /* seconds for make; 0: BUILD_TIMELIMIT */
	const char *place;	     /* a name of this host; NULL: builds here wait for each other */
	const char *key, *toolchain; /* that build_result had elsewhere, where the same is wanted; or NULL */
};

#define BUILD_TIMELIMIT 7200

/* Seconds within which build_kernel() ends in any case, when it need not wait for others. */
unsigned build_limit(const struct build_spec *spec);

struct build_result {
	struct git_commit commit;
	struct candidate candidate; /* empty when it does not build */
	char *same_as;		    /* the commit that gave this image first; NULL: this one */
	char *log;		    /* path of what make wrote */
	char *deps;		    /* path of the list of compiled files, for kernel/fold */
	char *key;		    /* names the answer by what it depends on */
	char *toolchain;	    /* what it calls itself, which the key depends on */
	bool known;		    /* nothing was built now */
	bool kept;		    /* the answer is, and build_lookup() has it */
	double seconds;		    /* that the build took, now or when it was done */
};
#define BUILD_RESULT_INIT                                                                                    \
	{                                                                                                    \
		.commit = GIT_COMMIT_INIT, .candidate = CANDIDATE_INIT                                       \
	}

/*
 * ERR_CANDIDATE: the commit does not build, or not with this configuration, or not in time (verdict skip);
 * the text names commit, first error and log, and out->commit and out->log are set. ERR_USAGE: what was asked
 * for makes no sense. ERR_HOST: the disk is full, a compiler is missing (names the package), or this host would make
 * another kernel than spec->key says. ERR_INTERRUPTED.
 * A failure that is not the commit's own is not remembered.
 */
int build_kernel(const char *cache, const struct build_spec *spec, struct build_result *out, struct err *err);

/* 1: known, *out is as after build_kernel(). 0: it would have to be built. -1: as build_kernel(). */
int build_lookup(const char *cache, const struct build_spec *spec, struct build_result *out, struct err *err);

void build_result_release(struct build_result *result);
AUTO_DEFINE(build_result, struct build_result, build_result_release);

#endif
