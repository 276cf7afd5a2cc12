/*
 * A candidate: a kernel that can be judged. Its record is candidate.json in its folder of the catalog
 * (kernel/catalog.h). Pure: text to struct and back.
 *
 * Texts are owned by the struct; candidate_release() frees them and leaves an empty candidate behind.
 */
#ifndef QB_CANDIDATE_H
#define QB_CANDIDATE_H

#include "base/buf.h"
#include "base/err.h"

#define CANDIDATE_ID_MAX 128

/* The commit that a kernel was built of here; all NULL when it was not. */
struct candidate_git {
	char *commit;	 /* the first that gave this image; full name */
	char *tree;	 /* the commit's tree */
	char *config;	 /* SHA-256 of the configuration that was asked for */
	char *toolchain; /* what compiled it, in words */
};

struct candidate {
	char *id;	     /* names it everywhere: [A-Za-z0-9._+~-], no leading dot or dash */
	char *arch;	     /* the name of a row of arch.h: "ppc64le" */
	char *release;	     /* what uname -r says in the guest */
	unsigned pagesize;   /* bytes, from the image or its config; 0: unknown */
	char *origin;	     /* "deb", "dir", "file", "git" or "rpm" */
	struct strv sources; /* file names of the packages, or the path it was imported from: for people */
	char *image;	     /* what the guest boots: a file name in its folder */
	char *image_hash;    /* SHA-256 of that file */
	char *content_hash;  /* SHA-256 over all files that were imported, their names included; of a kernel
				that was built here the image's */
	bool has_config;     /* the kernel's .config is known: a file "config" in its folder */
	bool has_modules;    /* lib/modules/<release> is in its folder */
	struct candidate_git git;
};

#define CANDIDATE_INIT                                                                                       \
	{                                                                                                    \
		0                                                                                            \
	}

/* Whether a text may be an id. */
bool candidate_id_valid(const char *id);

/* Whether a text may be a kernel release: as an id, at most 64 characters (what utsname holds). */
bool candidate_release_valid(const char *release);

/* Reads a record; `name` is the file's name for errors (ERR_HOST: qbisect wrote it). */
int candidate_parse(const char *name, const char *text, size_t len, struct candidate *out, struct err *err);

/* Appends the record as one JSON object and a newline; keys in the order of the struct. */
void candidate_write(const struct candidate *candidate, struct buf *out);

/* Appends {"kernels": [...]}, each as in its record. */
void candidate_write_list(const struct candidate *candidates, size_t n, struct buf *out);

/* "64k", "4k"; "?" when it is not known. In a buffer of the caller. */
const char *candidate_pagesize_text(const struct candidate *candidate, char text[16]);

/* The member "git" of an object, for records that have it too. Not there (and optional): nothing is read. */
struct json_node;
struct json_object;
int candidate_git_read(const struct json_node *object, bool required, struct candidate_git *out,
		       struct err *err);
void candidate_git_put(const struct candidate_git *from, struct json_object *object);

void candidate_git_release(struct candidate_git *git);
AUTO_DEFINE(candidate_git, struct candidate_git, candidate_git_release);
void candidate_release(struct candidate *candidate);
AUTO_DEFINE(candidate, struct candidate, candidate_release);

/* Hands all that `from` owns over to *to; `from` is empty afterwards. */
static inline void candidate_move(struct candidate *to, struct candidate *from)
{
	*to = *from;
	*from = (struct candidate)CANDIDATE_INIT;
}

#endif
