/*
 * The catalog of candidates: one folder each, <cache>/<id>/, which holds
 *
 *	candidate.json			its record
 *	vmlinux, bzImage or Image	what the guest boots
 *	config				the kernel's .config, when known
 *	lib/modules/<release>/		modules as they were packed, with depmod's index, when there are any
 *	manifest			the SHA-256 of each of these files, without depmod's (kernel/verify.h)
 *
 * A candidate is put there whole or not at all, and never changed afterwards. `cache` is the catalog's folder
 * (home_cache_dir()); one that does not exist is an empty catalog. Names with a leading dot in it are ours.
 */
#ifndef QB_CATALOG_H
#define QB_CATALOG_H

#include "base/leftover.h"
#include "config/candidate.h"

struct candidate_list {
	struct candidate *v; /* by id */
	size_t n, cap;
};
#define CANDIDATE_LIST_INIT                                                                                  \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends all candidates, sorted by id. One whose record cannot be read is an error that names it. */
int catalog_list(const char *cache, struct candidate_list *out, struct err *err);

/*
 * Sorts by release, oldest first, and by id where releases are equal: by rpm's rules of versions when one of
 * the kernels comes from an rpm, else by dpkg's.
 */
void catalog_sort(struct candidate_list *list);

/*
 * Finds the candidate `name`: its id, or the beginning of just one id (a number in it whole: "6.1" does not
 * find 6.12). ERR_USAGE: there is none, or there are several (they are listed); the text says what to do.
 */
int catalog_find(const char *cache, const char *name, struct candidate *out, struct err *err);

/* Appends the candidates of these names, in their order. ERR_USAGE. */
int catalog_find_all(const char *cache, const struct strv *names, struct candidate_list *out,
		     struct err *err);

/* The candidate's folder, and a file in it; the caller's to free(). */
char *catalog_dir(const char *cache, const struct candidate *candidate);
char *catalog_image(const char *cache, const struct candidate *candidate);

/* Removes the candidate `name` as catalog_find() finds it. `removed` (may be NULL) gets its record. */
int catalog_remove(const char *cache, const char *name, struct candidate *removed, struct err *err);

/*
 * Adding, for kernel/import: catalog_stage() takes the catalog's lock, sweeps what a killed import left, and
 * makes a folder to build the candidate in; catalog_known() asks whether it is there already;
 * catalog_commit() gives it an id (`id`, or one made from its release when NULL), writes its record and moves
 * it into place. catalog_stage_release() removes what was not committed.
 */
struct catalog_stage {
	const char *cache;
	char *dir;
	int lock;
	struct leftover left;
};
#define CATALOG_STAGE_INIT                                                                                   \
	{                                                                                                    \
		NULL, NULL, -1, LEFTOVER_INIT                                                                \
	}

int catalog_stage(const char *cache, struct catalog_stage *stage, struct err *err);

/* 1: a candidate with the same content hash is there, and *candidate has become that. ERR_USAGE when it has
 * another id than the one asked for. */
int catalog_known(const struct catalog_stage *stage, const char *id, struct candidate *candidate,
		  struct err *err);

/* ERR_USAGE when `id` (which must be valid) belongs to another kernel. */
int catalog_commit(struct catalog_stage *stage, const char *id, struct candidate *candidate, struct err *err);

void catalog_stage_release(struct catalog_stage *stage);
AUTO_DEFINE(catalog_stage, struct catalog_stage, catalog_stage_release);

void candidate_list_release(struct candidate_list *list);
AUTO_DEFINE(candidate_list, struct candidate_list, candidate_list_release);

#endif
