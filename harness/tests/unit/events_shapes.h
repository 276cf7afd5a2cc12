/* Reports of a guest in pieces, and a parser to feed them to. For the tests of guest/events.h. */
#ifndef QB_EVENTS_SHAPES_H
#define QB_EVENTS_SHAPES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "guest/events.h"

#define NONCE "0123456789abcdef0123456789abcdef"

#define HEADER "KTAP version 1\n# qbisect 2 " NONCE "\n"
#define BOOT                                                                                                 \
	"# phase init 900\n"                                                                                 \
	"# fact release 6.12.107+deb13-powerpc64le-64k\n"                                                    \
	"# fact arch ppc64le\n"                                                                              \
	"# fact pagesize 65536\n"                                                                            \
	"# fact cpus 4\n"                                                                                    \
	"# fact memory 1012345\n"                                                                            \
	"# fact aio libaio\n"                                                                                \
	"# phase modules 1000\n"                                                                             \
	"# fact module /modules/a.ko ENODEV\n"                                                               \
	"# phase disk 1500\n"                                                                                \
	"# fact device vda\n"                                                                                \
	"# fact logicalblock 512\n"                                                                          \
	"# phase mount 1510\n"                                                                               \
	"# fact fstype btrfs\n"                                                                              \
	"# fact mountoptions rw,relatime,space_cache=v2,subvolid=5,subvol=/\n"                               \
	"# fact sectorsize 4096\n"                                                                           \
	"# phase scenario 1600\n"
#define TURN(i) "# scenario " NONCE " " #i " AD033\n"
#define NOCOW	"# fact nocow 1\n"
#define FACTS	BOOT TURN(1) NOCOW
#define PLAN	"1..3\n"
#define START	"# start " NONCE "\n"
#define FAILED	"not ok 2 aiocp # kind=fsync errno=EIO file=dst0 offset=8192 errors=2 differs=no ms=510\n"
#define RUN	"ok 1 aiocp # ms=500\n# heartbeat 3600\n" FAILED "ok 3 aiocp # ms=490\n"
#define END	"# end " NONCE " iterations=3 failed=1\n"
#define OFF	"# phase umount 5000\n# poweroff " NONCE "\n"
#define GOOD	HEADER FACTS PLAN START RUN END OFF

/* Three scenarios at most; most tests are about one, and read its report or, before its turn, the boot's. */
static struct guest_events events;
static struct guest_report scenarios[3], report;

static inline void feed_bytes(const char *bytes, size_t n)
{
	guest_events_feed(&events, bytes, n);
	report = *guest_events_current(&events);
}

static inline void feed(const char *text)
{
	feed_bytes(text, strlen(text));
}

static inline void fresh_of(size_t n, const char *text)
{
	guest_events_init(&events, NONCE, scenarios, n);
	feed(text);
}

static inline void fresh(const char *text)
{
	fresh_of(1, text);
}

#endif
