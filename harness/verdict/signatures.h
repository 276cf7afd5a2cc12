/*
 * What a console line can mean: the table of configs/signatures.json, compiled. Pure.
 *
 * The file is an object with two keys:
 *   "places"      POSIX extended patterns whose $1 is the function in which the kernel was, in the lines of
 *                 registers that follow a report ("RIP: 0010:foo+0x1/0x2", "NIP [c000...] foo+0x1/0x2")
 *   "signatures"  rows; the first row that matches a line takes it, so the special stands before the general
 *
 * The keys of a row:
 *   "id"        its name, unique
 *   "class"     one of the words below; "clean" marks lines that must never count (the kernel's command line)
 *   "priority"  1 to 100, not for "clean": the most important finding of a log is the one of the highest
 *               priority, and of these the first. SIGNATURE_CRASH and more, unless the class is "target",
 *               means that nothing behind that line can be trusted
 *   "literals"  texts of 4 bytes or more; a line is shown to the pattern only when it holds one of them
 *   "pattern"   POSIX extended, no back-references; matches anywhere in a line without its time stamp
 *   "unless"    a pattern that must not match (optional)
 *   "follow"    a pattern for one of the lines behind; its $1 is $follow of the title (optional)
 *   "absorbs"   ids: when one of them comes while the report is open, it belongs to it (optional)
 *   "title"     one line; $1 to $9 from the pattern, $place, $follow; a part in { } is left out when one of
 *               its values is empty
 *   "speaker"   who writes such a line: "printk" (default), "monitor" or "test"
 *   "emulator"  true: some emulators make it happen to a kernel that is in order (judge.h; optional)
 *   "reason"    what it means, in words
 */
#ifndef QB_SIGNATURES_H
#define QB_SIGNATURES_H

#include <regex.h>

#include "base/buf.h"
#include "base/err.h"

#define FINDING_CLASSES(X)                                                                                   \
	X(CLEAN, "clean")                                                                                    \
	X(TARGET, "target")                                                                                  \
	X(PANIC, "panic")                                                                                    \
	X(OOPS, "oops")                                                                                      \
	X(BUG, "bug")                                                                                        \
	X(WARNING, "warning")                                                                                \
	X(KASAN, "kasan")                                                                                    \
	X(UBSAN, "ubsan")                                                                                    \
	X(LOCKDEP, "lockdep")                                                                                \
	X(HUNG_TASK, "hung-task")                                                                            \
	X(SOFT_LOCKUP, "soft-lockup")                                                                        \
	X(RCU_STALL, "rcu-stall")                                                                            \
	X(OOM, "oom")                                                                                        \
	X(FS_ERROR, "fs-error")                                                                              \
	X(IO_ERROR, "io-error")                                                                              \
	X(OTHER, "other")

#define X(id, name) FINDING_##id,
enum finding_class { FINDING_CLASSES(X) FINDING_CLASS_N };
#undef X

const char *finding_class_name(enum finding_class class);

#define SIGNATURES_MAX	      128
#define SIGNATURE_CRASH	      80
#define SIGNATURE_GROUPS      10  /* $0 to $9 */
#define SIGNATURE_PATTERN_MAX 500 /* bytes; patterns are compiled, and a line has at most LINE_TEXT_MAX */

/* Who writes such a line: printk(), a debugger or firmware straight to the console, a test program. */
enum signature_speaker { SPEAKER_PRINTK, SPEAKER_MONITOR, SPEAKER_TEST };

struct signature {
	char *id, *title, *reason;
	enum finding_class class;
	unsigned priority;
	struct strv literals, absorbs;
	regex_t pattern, unless, follow;
	bool has_pattern, has_unless, has_follow;
	bool wants_place; /* the title has $place */
	bool emulator;
	enum signature_speaker speaker;
};

/* A set of rows. */
struct signature_set {
	uint64_t bits[SIGNATURES_MAX / 64];
};

struct signatures {
	struct signature *row;
	size_t n;
	regex_t *place;
	size_t n_places;
	/* Private: which rows have a literal whose first four bytes hash to an index. */
	struct signature_set *starts;
};
#define SIGNATURES_INIT                                                                                      \
	{                                                                                                    \
		NULL, 0, NULL, 0, NULL                                                                       \
	}

/* Reads the text of a signatures file; `name` is what errors (ERR_USAGE) call it. `table` must be fresh. */
int signatures_parse(const char *name, const char *text, size_t len, struct signatures *table,
		     struct err *err);

void signatures_release(struct signatures *table);
AUTO_DEFINE(signatures, struct signatures, signatures_release);

/*
 * The row that takes the line, or NULL. groups[0..SIGNATURE_GROUPS-1] are as of regexec(). `text` is clean
 * text as lines.h gives it. Most lines cost one look at each byte.
 */
const struct signature *signatures_match(const struct signatures *table, const char *text, size_t len,
					 regmatch_t *groups);

/* True when a finding of row `first` absorbs one of row `second`. */
bool signature_absorbs(const struct signature *first, const struct signature *second);

/* The function in a line of registers, the caller's to free(), or NULL. */
char *signatures_place(const struct signatures *table, const char *text);

/* Appends the row's title. `groups` has SIGNATURE_GROUPS texts; NULL, as for place and follow, means
 * empty. */
void signature_title(const struct signature *row, char *const *groups, const char *place, const char *follow,
		     struct buf *out);

#endif
