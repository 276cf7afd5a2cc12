/*
 * Runs the kernel's own make, out of its tree, so that the same tree gives the same image.
 *
 * The object folder is one in the tree's: then the kernel's make names all its sources relative to it, by
 * MAKE_SOURCE, and what ccache remembers is good for a tree anywhere.
 *
 * The object folder keeps notes: .qbisect-busy is there while make runs and stays when it was killed, so that
 * the next build wipes the folder; .qbisect-tree names the tree and the compiler that it was configured for.
 */
#ifndef QB_MAKE_H
#define QB_MAKE_H

#include "kernel/fragment.h"
#include "kernel/git.h"
#include "kernel/toolchain.h"

#define MAKE_SOURCE ".."

struct make {
	const struct arch *arch;
	const char *tree, *objects; /* folders, absolute, the second in the first; nobody else uses them */
	const char *log;	    /* file that gets what make writes */
	const char *what;	    /* for the progress line: "building 0123 for ppc64le" */
	unsigned jobs;		    /* 0: as many as the machine has cores */
	int lock;		    /* descriptor that everything that is started keeps open */
	unsigned timelimit;	    /* seconds, for each of make's runs */
};

/*
 * Configures (unless nothing that Kconfig reads has changed) and builds the image. `tree_id` is git's name of
 * the tree that `make->tree` holds, `version` the toolchain's words.
 *
 * 1: the tree does not build so; *reason gets the first error. -1: ERR_CANDIDATE, it did not end in time;
 * ERR_HOST, the machine's fault; ERR_INTERRUPTED.
 */
int make_kernel(const struct make *make, const struct git *git, const char *tree_id,
		const struct fragment *fragment, const char *version, struct buf *reason, struct err *err);

/* The path of the image that was built, as the guest boots it; the caller's to free(). */
int make_image_file(const struct make *make, char **path, struct err *err);

#endif
