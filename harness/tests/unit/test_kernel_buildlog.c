/* The first real error of a build, and whose fault it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kernel/buildlog.h"

static const struct {
	const char *text, *line;
	bool host;
} rows[] = {
	{ "  CC      fs/btrfs/inode.o\n/x/tree/fs/btrfs/inode.c: In function 'f':\n"
	  "/x/tree/fs/btrfs/inode.c:12:3: warning: unused\n/x/tree/fs/btrfs/inode.c:14:2: error: 'y' undeclared\n"
	  "make[3]: *** [/x/tree/scripts/Makefile.build:229: fs/btrfs/inode.o] Error 1\n",
	  "fs/btrfs/inode.c:14:2: error: 'y' undeclared", false },
	{ "make[2]: *** [Makefile:1] Error 2\n/x/tree/a.S:3: Error: unrecognized opcode: `foo'\n",
	  "a.S:3: Error: unrecognized opcode: `foo'", false },
	{ "ld: vmlinux.o: in function `f':\nld: a.c:(.text+0x4): undefined reference to `g'\nmake: *** Error 1\n",
	  "ld: a.c:(.text+0x4): undefined reference to `g'", false },
	{ "ERROR: modpost: \"f\" [drivers/x.ko] undefined!\n",
	  "ERROR: modpost: \"f\" [drivers/x.ko] undefined!", false },
	{ "Kconfig:3: syntax error\nmake[1]: *** [allnoconfig] Error 1\n", "Kconfig:3: syntax error", false },
	{ "make[1]: *** No rule to make target 'x.o', needed by 'y'.  Stop.\n",
	  "make[1]: *** No rule to make target 'x.o', needed by 'y'.  Stop.", false },
	{ "make: *** [Makefile:9: all] Error 2\n", "make: *** [Makefile:9: all] Error 2", false },
	{ "something else\n\n", "something else", false },
	{ "", "", false },
	{ "a.c:1: error: x\nas: can't write 12 bytes: No space left on device\n",
	  "as: can't write 12 bytes: No space left on device", true },
	{ "ld: final link failed: Stale file handle\n", "ld: final link failed: Stale file handle", true },
	{ "a.c:1:10: fatal error: b.h: Input/output error\n",
	  "a.c:1:10: fatal error: b.h: Input/output error", true },
	{ "make: vfork: Resource temporarily unavailable\n", "make: vfork: Resource temporarily unavailable",
	  true },
	{ "gcc: fatal error: Killed signal terminated program cc1\n",
	  "gcc: fatal error: Killed signal terminated program cc1", true },
	{ "/x/tree/tools/objtool/include/objtool/elf.h:10:10: fatal error: gelf.h: No such file or directory\n",
	  "tools/objtool/include/objtool/elf.h:10:10: fatal error: gelf.h: No such file or directory", true },
	{ "Killed\nmake[1]: *** [/x/tree/Makefile:1169: vmlinux] Error 137\n", "Killed", true },
	{ "make[2]: *** [/x/tree/scripts/Makefile.vmlinux:35: vmlinux] Killed\n",
	  "make[2]: *** [scripts/Makefile.vmlinux:35: vmlinux] Killed", true },
	{ "scripts/link-vmlinux.sh: line 102: 4711 Killed                  ld -o vmlinux\n",
	  "scripts/link-vmlinux.sh: line 102: 4711 Killed                  ld -o vmlinux", true },
	{ "a.c:1:1: error: Killed is no type\n", "a.c:1:1: error: Killed is no type", false },
	{ "/bin/sh: 1: flex: not found\n", "/bin/sh: 1: flex: not found", true },
	{ "grep: x: not found\na.c:1:1: error: b\n", "a.c:1:1: error: b", false },
};

static void finds_the_first_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buildlog) log = BUILDLOG_INIT;

		buildlog_read(rows[i].text, strlen(rows[i].text), "/x/tree", &log);
		assert_string_equal(log.line.s, rows[i].line);
		assert_int_equal(log.host, rows[i].host);
	}
}

static void a_line_is_harmless_and_short(void **state)
{
	AUTO(buildlog) log = BUILDLOG_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)state;
	buf_adds(&text, "a.c:1:1: error: \033[31m");
	for (size_t i = 0; i < 100000; i++)
		buf_addc(&text, 'x');
	buildlog_read(text.s, text.len, "/x", &log);
	assert_null(strchr(log.line.s, '\033'));
	assert_true(log.line.len < 400);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_first_error),
		cmocka_unit_test(a_line_is_harmless_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
