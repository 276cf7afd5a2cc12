/*
 * What Debian's files and names say. Pure.
 *
 * Formats: sources.list(5), one-line (.list) and deb822 (.sources); deb-control(5) for Depends.
 */
#ifndef QB_DEBIAN_H
#define QB_DEBIAN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

/* Where packages come from and what signs them. */
struct debian_source {
	char *uri;
	char *signed_by; /* value of Signed-By, maybe of several lines; NULL: apt's default keys */
	unsigned rank;	 /* how sure it is that this is Debian's own archive; 0: nothing found yet */
};

/*
 * Looks through one sources file for Debian's main archive: an entry for binary packages of the component
 * main and the suite `codename` (or stable, testing, ...), best one with Debian's keyring or a path that ends
 * in /debian, since others name their suites alike. What ranks higher replaces *best. `deb822`: which format.
 */
void debian_find_source(const char *text, size_t len, bool deb822, const char *codename,
			struct debian_source *best);

void debian_source_release(struct debian_source *source);
AUTO_DEFINE(debian_source, struct debian_source, debian_source_release);

/* The value of KEY in os-release(5) text, without quotes; NULL: not there. The caller's to free(). */
char *debian_os_release(const char *text, const char *key);

/* A package as the command line names it: NAME or NAME:ARCH. */
struct debian_package {
	char *name;
	const char *arch; /* Debian's word: "ppc64el"; static */
};

/*
 * ARCH may be Debian's word or ours ("ppc64le"); without it the flavour in the name tells. ERR_USAGE: not a
 * package name, or no architecture that we know.
 */
int debian_package_parse(const char *word, struct debian_package *out, struct err *err);

void debian_package_release(struct debian_package *package);
AUTO_DEFINE(debian_package, struct debian_package, debian_package_release);

/* Our word for an architecture that is named so by us or by Debian; NULL: none that we know. Static. */
const char *debian_our_arch(const char *word);

/* Whether a text may be a suite. */
bool debian_suite_valid(const char *suite);

/* Whether the package holds a kernel of one version, or a piece of it: linux-image-6...,
 * linux-modules-7... */
bool debian_is_versioned(const char *package);

/* Appends those packages a control stanza depends on that are kernels or pieces of one; the first of
 * alternatives. */
void debian_depends(const char *control, struct strv *out);

/* What apt would fetch. */
struct debian_offer {
	char file[256], hash[HASH_HEX_LEN + 1]; /* a plain name; SHA-256 */
	unsigned long long size;
};

/* Reads what `apt-get download --print-uris` prints, 'URI' FILE SIZE SHA256:HASH; false: it is not that. */
bool debian_offer_parse(const char *text, struct debian_offer *out);

#endif
