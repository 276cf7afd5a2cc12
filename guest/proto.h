/*
 * What guest and host say to each other. Both sides include this header and nothing else of each other.
 *
 * HOST TO GUEST
 *
 * Kernel command line: `qbisect.nonce=<16 to 64 hex digits>`, fresh for each trial.
 *
 * The plan, a text file at PROTO_PLAN_PATH in the initramfs. Its first line is PROTO_PLAN_HEADER, each other
 * line `key value`, at most PROTO_PLAN_LINE_MAX bytes long; empty lines and lines that start with '#' say
 * nothing. The keys are in PROTO_PLAN below; only `module` and `arg` may come again, and their order counts.
 * First come the keys of the boot, then one section or more: `scenario <label>` and the keys of that scenario.
 * The guest runs them in this order, each in a fresh folder.
 *
 * GUEST TO HOST
 *
 * KTAP 1 on the second serial: lines of at most PROTO_LINE_MAX bytes before the newline, printable ASCII.
 * <text> is free text up to the end of the line and <word> has no space and no '#'; in both, any other byte,
 * and '%' itself, is %XX with two upper-case hex digits. <ms> counts from the kernel's boot. In this order:
 *
 *	KTAP version 1
 *	# qbisect <PROTO_VERSION> <nonce>	what comes before this line does not count
 *	# phase <phase> <ms>			a phase begins; here and later, in the order of PROTO_PHASES
 *	# fact <key> <text>			keys in PROTO_FACTS; only `module` may come again
 *
 * then for each scenario of the plan:
 *
 *	# scenario <nonce> <I> <word>		the turn of scenario I, from 1; the word is its label
 *	# fact <key> <text>			those that are the scenario's
 *	1..<N>					planned iterations; absent when the plan gives seconds
 *	# start <nonce>
 *	ok <I> <workload> # ms=<n>		an iteration; I counts from 1, details in PROTO_DETAILS
 *	not ok <I> <workload> # kind=<kind> ...	a failed one: `kind` is the first detail
 *	ok <I> <workload> # SKIP ms=<n>		it cannot be run here (LTP's TCONF)
 *	# heartbeat <ms>			about every PROTO_HEARTBEAT_MS while the scenario runs
 *	# output <text>				a line that an injected program wrote
 *	# dropped <n>				so many bytes of its output were not sent
 *	# skip <text>				the scenario makes no sense here; no iteration follows
 *	# end <nonce> iterations=<n> failed=<n>
 *
 * and behind the last one:
 *
 *	# poweroff <nonce>			after sync and umount; the last line
 *
 * At any time after the header, once in a scenario: `# broken <phase> <errno> <text>`: the guest could not do
 * its job (errno is a name, or "-"). Between `start` and `end` it stands for the scenario's end, and the next
 * scenario or the power-off may follow; at any other time it is the last line, and the guest powers off.
 *
 * Only `# qbisect`, `# scenario`, `# start`, `# end`, `# poweroff` move the host's state, and each carries the
 * nonce.
 *
 * On the console, through /dev/kmsg, when a scenario's turn comes: PROTO_CONSOLE_MARK. The two serials keep no
 * order between them; this line tells which scenario the kernel's lines belong to.
 */
#ifndef QB_PROTO_H
#define QB_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define PROTO_VERSION	       2
#define PROTO_LINE_MAX	       512
#define PROTO_TEXT_MAX	       400 /* of a <text> or <word>, after escaping */
#define PROTO_NONCE_MIN	       16
#define PROTO_NONCE_MAX	       64
#define PROTO_NONCE_PARAMETER  "qbisect.nonce="
#define PROTO_HEARTBEAT_MS     2000
#define PROTO_OUTPUT_MAX       65536 /* bytes of an injected program's output that a scenario sends */
#define PROTO_ITERATIONS_MAX   1000000
#define PROTO_PLAN_PATH	       "/plan"
#define PROTO_PLAN_HEADER      "qbisect-plan 2"
#define PROTO_PLAN_LINE_MAX    1024
#define PROTO_PLAN_MODULES_MAX 128
#define PROTO_PLAN_ARGS_MAX    64
#define PROTO_SCENARIOS_MAX    512
#define PROTO_LABEL_MAX	       63		       /* bytes, as it is escaped */
#define PROTO_CONSOLE_MARK     "qbisect: %s scenario " /* the nonce; behind it the scenario's number, from 1 */
#define PROTO_PLAN_INJECT      "/inject/"	       /* where the programs for `exec` are */

/*
 * The plan's keys. X(id, key, what it belongs to). Needed: `scenario`, and in each of them `workload` and one of
 * `iterations` and `seconds`.
 *
 *	events <device>		the serial to report on; default: the first of the usual ones that works
 *	module <path> [parameters]
 *	disk <serial>		virtio serial of the disk; needed unless fstype is none
 *	fstype btrfs|ext4|xfs|none	none (default): no disk, the work folder is on a tmpfs
 *	mountoptions <string>	as for mount -o
 *	scenario <label>	a section begins: a <word> of PROTO_LABEL_MAX bytes at most
 *	nocow 0|1		FS_NOCOW_FL on the work folder (default 0)
 *	workload aiocp|exec|aiodio_sparse|dio_sparse|aiodio_append|dio_append|dio_truncate|dio_read|probe
 *	blocksize <bytes>	of one write; aiocp -b (default 65536)
 *	filesize <bytes>	aiocp -s (default 1048576), there rounded up to whole blocks
 *	depth <n>		I/O in flight; aiocp -n (default 16)
 *	flags DIRECT|SYNC|none	aiocp -f (default none)
 *	buffers aligned|mixed|512	where I/O buffers start. aligned (default): on 4096-byte boundaries;
 *				512: on a 512-byte but not a 4096-byte boundary; mixed: each second one
 *				(in odd iterations) or third one (in even ones) as for 512, the others aligned
 *	files <n>		pairs of files copied in turn in one iteration (default 1)
 *	children <n>		processes beside the scenario's own (default 16); stress.h says what they do
 *	appends <n>		blocks written to a file that grows (default 1000)
 *	rounds <n>		dio_truncate, probe: how often (default 100)
 *	offset <bytes>		dio_sparse: of the first write (default 0)
 *	readsize <bytes>	dio_read: of one read (default 65536)
 *	probe mixed|mmap|punch|cut|append	what two processes do side by side, see probe.h
 *				(default mixed)
 *	runtime <seconds>	after which an iteration with children ends early, and well (default 60)
 *	iterations <n>
 *	seconds <n>		instead of iterations: as many as can be begun in that time
 *	seed <n>		of the files' content (default 1)
 *	timelimit <seconds>	of the whole scenario (default 300)
 *	exec <path>		the program, below PROTO_PLAN_INJECT; needed with `workload exec`
 *	judge ltp|exit|ktap|regex	what its output and exit status mean (default ltp), see result.h
 *	pattern <regex>		POSIX extended; needed with `judge regex`, a line that matches fails
 *	arg <word>		may be empty
 *
 * Percent escapes are undone in `arg` alone.
 */
#define PROTO_PLAN(X)                                                                                        \
	X(EVENTS, "events", BOOT)                                                                            \
	X(MODULE, "module", BOOT)                                                                            \
	X(DISK, "disk", BOOT)                                                                                \
	X(FSTYPE, "fstype", BOOT)                                                                            \
	X(MOUNTOPTIONS, "mountoptions", BOOT)                                                                \
	X(SCENARIO, "scenario", SCENARIO)                                                                    \
	X(NOCOW, "nocow", SCENARIO)                                                                          \
	X(WORKLOAD, "workload", SCENARIO)                                                                    \
	X(BLOCKSIZE, "blocksize", SCENARIO)                                                                  \
	X(FILESIZE, "filesize", SCENARIO)                                                                    \
	X(DEPTH, "depth", SCENARIO)                                                                          \
	X(FLAGS, "flags", SCENARIO)                                                                          \
	X(BUFFERS, "buffers", SCENARIO)                                                                      \
	X(FILES, "files", SCENARIO)                                                                          \
	X(CHILDREN, "children", SCENARIO)                                                                    \
	X(APPENDS, "appends", SCENARIO)                                                                      \
	X(ROUNDS, "rounds", SCENARIO)                                                                        \
	X(OFFSET, "offset", SCENARIO)                                                                        \
	X(READSIZE, "readsize", SCENARIO)                                                                    \
	X(PROBE, "probe", SCENARIO)                                                                          \
	X(RUNTIME, "runtime", SCENARIO)                                                                      \
	X(ITERATIONS, "iterations", SCENARIO)                                                                \
	X(SECONDS, "seconds", SCENARIO)                                                                      \
	X(SEED, "seed", SCENARIO)                                                                            \
	X(TIMELIMIT, "timelimit", SCENARIO)                                                                  \
	X(EXEC, "exec", SCENARIO)                                                                            \
	X(JUDGE, "judge", SCENARIO)                                                                          \
	X(PATTERN, "pattern", SCENARIO)                                                                      \
	X(ARG, "arg", SCENARIO)

/* X(id, key, value's type, before which line it must come). One for START is the scenario's and comes behind
 * SCENARIO, the others come before the first one. */
#define PROTO_FACTS(X)                                                                                       \
	X(RELEASE, "release", TEXT, SCENARIO)		  /* uname -r */                                     \
	X(ARCH, "arch", WORD, SCENARIO)			  /* uname -m */                                     \
	X(PAGESIZE, "pagesize", NUMBER, SCENARIO)	  /* sysconf(_SC_PAGESIZE) */                        \
	X(CPUS, "cpus", NUMBER, SCENARIO)		  /* online */                                       \
	X(MEMORY, "memory", NUMBER, SCENARIO)		  /* KiB, as sysinfo(2) tells */                     \
	X(AIO, "aio", WORD, SCENARIO)			  /* libaio or raw (system calls) */                 \
	X(MODULE, "module", TEXT, NOTHING)		  /* "<path> <errno>": one that did not load */      \
	X(DEVICE, "device", WORD, NOTHING)		  /* name of the disk in /sys/block */               \
	X(LOGICAL_BLOCK, "logicalblock", NUMBER, NOTHING) /* of the disk, BLKSSZGET */                       \
	X(FSTYPE, "fstype", WORD, SCENARIO)		  /* as the kernel shows it */                       \
	X(MOUNT_OPTIONS, "mountoptions", TEXT, SCENARIO)  /* as /proc/self/mountinfo shows them */           \
	X(SECTORSIZE, "sectorsize", NUMBER, SCENARIO)	  /* of btrfs; f_bsize of others */                  \
	X(NOCOW, "nocow", NUMBER, START)		  /* FS_NOCOW_FL of a new file in the work folder */

/* X(id, name). What the guest is doing. */
#define PROTO_PHASES(X)                                                                                      \
	X(INIT, "init")                                                                                      \
	X(MODULES, "modules")                                                                                \
	X(DISK, "disk")                                                                                      \
	X(MOUNT, "mount")                                                                                    \
	X(SCENARIO, "scenario")                                                                              \
	X(UMOUNT, "umount")

/* X(id, name). What went wrong first in an iteration. */
#define PROTO_KINDS(X)                                                                                       \
	X(OPEN, "open")		    /* open, unlink or close of one of the files */                          \
	X(FILL, "fill")		    /* buffered write or fsync of the source's content */                    \
	X(SETUP, "setup")	    /* io_setup */                                                           \
	X(SUBMIT, "submit")	    /* io_submit */                                                          \
	X(WAIT, "wait")		    /* io_getevents */                                                       \
	X(READ, "read")		    /* a read under test ended with errno */                                 \
	X(SHORT_READ, "short-read") /* ... or after fewer bytes, see `got` */                                \
	X(WRITE, "write")                                                                                    \
	X(SHORT_WRITE, "short-write")                                                                        \
	X(FSYNC, "fsync") /* of the copy */                                                                  \
	X(TRUNCATE, "truncate")                                                                              \
	X(SIZE, "size")		  /* the copy's size is `got`, not what was written */                       \
	X(VERIFY, "verify")	  /* buffered read of a file while comparing at the end */                   \
	X(CONTENT, "content")	  /* a page differs from what was written, see `like` */                     \
	X(EXEC, "exec")		  /* the injected program's `status` is not 0, judged as LTP's */            \
	X(EXIT, "exit")		  /* ... judged by that alone */                                             \
	X(NOT_OK, "not-ok")	  /* `line` of its output is a KTAP failure */                               \
	X(MATCH, "match")	  /* `line` of its output matches the pattern */                             \
	X(NO_RESULT, "no-result") /* it ended without the result that its judge looks for */                 \
	X(SIGNAL, "signal")	  /* it died of `signal` */                                                  \
	X(TIMELIMIT, "timelimit") /* the time limit came first */

/* X(id, key, value's type). Of an iteration. */
#define PROTO_DETAILS(X)                                                                                     \
	X(KIND, "kind", KIND)                                                                                \
	X(ERRNO, "errno", ERRNO)    /* its name, or a number that has none */                                \
	X(FILE, "file", WORD)	    /* src0 is the first source, dst0 its copy */                            \
	X(OFFSET, "offset", NUMBER) /* bytes: of the I/O, or of the first difference */                      \
	X(GOT, "got", NUMBER)	    /* bytes */                                                              \
	X(ERRORS, "errors", NUMBER) /* how many checks failed in this iteration, at least 1 */               \
	X(DIFFERS, "differs", WORD) /* no, or the file where a page differs, besides what `kind` says */     \
	X(PAGE, "page", NUMBER)	    /* of the difference: offset / pagesize */                               \
	X(EXPECTED, "expected",                                                                              \
	  HEX) /* FNV-1a, 64 bit, of the page, or of what was read from there, as it should be */            \
	X(ACTUAL, "actual", HEX) /* and of the page as it is */                                              \
	X(LIKE, "like", WORD)	 /* zeros, stale (an earlier iteration's), junk (free blocks') or other */   \
	X(STATUS, "status", NUMBER)   /* exit status; LTP: 1 TFAIL, 2 TBROK, 4 TWARN, 32 TCONF, added up */  \
	X(LINE, "line", NUMBER)	      /* of an injected program's output, from 1 */                          \
	X(SIGNAL, "signal", WORD)     /* without "SIG" */                                                    \
	X(WRITTEN, "written", NUMBER) /* bytes that were written while children ran */                       \
	X(CHECKED, "checked", NUMBER) /* bytes that were read and compared in that time and at the end */    \
	X(EARLY, "early", NUMBER)     /* 1: `runtime` was over before all was written */                     \
	X(MS, "ms", NUMBER)	      /* milliseconds that the iteration took */

#define X(id, key, part) GUEST_PLAN_##id,
enum guest_plan_key { PROTO_PLAN(X) GUEST_PLAN_N };
#undef X
#define X(id, key, type, needed) GUEST_FACT_##id,
enum guest_fact { PROTO_FACTS(X) GUEST_FACT_N };
#undef X
#define X(id, name) GUEST_PHASE_##id,
enum guest_phase { PROTO_PHASES(X) GUEST_PHASE_N };
#undef X
#define X(id, name) GUEST_KIND_##id,
enum guest_kind { PROTO_KINDS(X) GUEST_KIND_N };
#undef X
#define X(id, key, type) GUEST_DETAIL_##id,
enum guest_detail { PROTO_DETAILS(X) GUEST_DETAIL_N };
#undef X

/* Bytes that stand for themselves in a <text>. */
static inline bool proto_is_plain(unsigned char c)
{
	return c >= ' ' && c <= '~' && c != '%';
}

/* The same for a <word>. */
static inline bool proto_is_word(unsigned char c)
{
	return proto_is_plain(c) && c != ' ' && c != '#';
}

/*
 * Escapes data[0..len-1] into out[0..size-1], NUL-terminated; stops before a byte that does not fit. Returns
 * how many bytes of `data` it took. `size` is at least 1.
 */
static inline size_t proto_escape(char *out, size_t size, const char *data, size_t len, bool word)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];
		bool plain = word ? proto_is_word(c) : proto_is_plain(c);

		if (n + (plain ? 1 : 3) >= size)
			break;
		if (plain) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
	return i;
}

/* The value of an upper-case hex digit, or -1. */
static inline int proto_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes the escapes of `s` in place. False when one is malformed or stands for NUL; `s` is then half
 * done. */
static inline bool proto_unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		int hi, lo;

		if (*s != '%') {
			*out++ = *s;
			continue;
		}
		hi = proto_hex_digit(s[1]);
		lo = hi < 0 ? -1 : proto_hex_digit(s[2]);
		if (lo < 0 || hi + lo == 0)
			return false;
		*out++ = (char)(hi << 4 | lo);
		s += 2;
	}
	*out = '\0';
	return true;
}

/* A nonce: PROTO_NONCE_MIN to PROTO_NONCE_MAX hex digits and nothing else. */
static inline bool proto_is_nonce(const char *s)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");

	return !s[n] && n >= PROTO_NONCE_MIN && n <= PROTO_NONCE_MAX;
}

#endif
