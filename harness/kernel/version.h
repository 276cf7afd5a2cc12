/*
 * Which of two versions is older, by the rules of rpm and of dpkg. Pure. All return less than, equal to or
 * greater than 0, as strcmp() does, and order any texts totally but where that is said otherwise.
 *
 * rpm: https://rpm-software-management.github.io/rpm/manual/ (dependencies, versioning).
 * dpkg: deb-version(7), and section 5.6.12 of Debian's policy.
 */
#ifndef QB_VERSION_H
#define QB_VERSION_H

/*
 * One part as rpm compares it, a version or a release: runs of digits as numbers, runs of letters as text, a
 * number after a text; what stands between them only separates. "~" is before the end, "^" just behind it.
 */
int version_rpm_part(const char *a, const char *b);

/*
 * [EPOCH:]VERSION[-RELEASE]. No epoch is 0. Where one side has no release, releases do not count: as rpm
 * takes it in dependencies. So sort only texts that all have one.
 */
int version_rpm(const char *a, const char *b);

/* [EPOCH:]UPSTREAM[-REVISION]. No epoch and no revision are 0. */
int version_dpkg(const char *a, const char *b);

#endif
