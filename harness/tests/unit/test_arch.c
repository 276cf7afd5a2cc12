/* Each architecture's row, and whether what else it needs is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/fs.h"
#include "config/arch.h"

static void read_tree(const char *relative, struct buf *out)
{
	AUTO_FREE char *path = path_join(TREE, relative);
	AUTO(err) err = ERR_INIT;

	assert_int_equal(fs_read(path, 1 << 20, out, &err), 0);
}

/* Whether the word stands between blanks or quotes, in the line that begins with `line` ("": anywhere). */
static bool says(const struct buf *text, const char *line, const char *word)
{
	AUTO_FREE char *begin = xasprintf("\n%s", line);
	const char *from = strstr(text->s, begin);
	size_t n = strlen(word);

	if (!from)
		return false;
	from += strlen(begin);
	for (const char *p = from; (p = strstr(p, word)); p++)
		if (strchr(" \t\n\"", p[-1]) && strchr(" \t\n\"", p[n]))
			return !*line || !memchr(from, '\n', (size_t)(p - from));
	return false;
}

static void names(void **state)
{
	AUTO(buf) list = BUF_INIT;
	AUTO_FREE char *refusal = NULL;
	AUTO(err) err = ERR_INIT;

	(void)state;
	arch_list(&list);
	assert_non_null(strstr(list.s, "ppc64le, x86_64"));
	assert_non_null(strstr(list.s, " or "));
	assert_string_equal(arch_find("aarch64", &err)->debian, "arm64");
	assert_null(arch_find("s390x", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	refusal = xasprintf("architecture 's390x': expected %s", list.s);
	assert_string_equal(err.text, refusal);
}

static void rows_are_whole(void **state)
{
	(void)state;
	for (const struct arch *row = arch_rows; row->name; row++) {
		const char *const words[] = { row->domain_arch,	 row->machine,	   row->emulator,
					      row->package,	 row->cpu_tcg,	   row->console,
					      row->events,	 row->events_port, row->panic,
					      row->firmwares[0], row->kconfig,	   row->debian,
					      row->flavour,	 row->triplet,	   row->kernel_arch,
					      row->compiler,	 row->image };

		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (!words[i])
				fail_msg("%s: word %zu is missing", row->name, i);
		assert_true(row->elf_machine && row->pagesize);
		assert_null(row->firmwares[ARRAY_SIZE(row->firmwares) - 1]);
		assert_null(row->features[ARRAY_SIZE(row->features) - 1]);
	}
}

/* What the README's "An architecture more" tells to do. */
static void has_the_rest(void **state)
{
	AUTO(buf) make = BUF_INIT;
	AUTO(buf) deps = BUF_INIT;

	(void)state;
	read_tree("Makefile", &make);
	read_tree(".ci/deps", &deps);
	for (const struct arch *row = arch_rows; row->name; row++) {
		AUTO_FREE char *triplet = xasprintf("TRIPLET_%s", row->name);
		AUTO_FREE char *debian = xasprintf("DEBIAN_%s", row->name);
		AUTO_FREE char *libc = str_eq(row->compiler, "gcc")
					   ? xstrdup("libc6-dev")
					   : xasprintf("libc6-dev-%s-cross", row->debian);
		AUTO_FREE char *fragment = xasprintf(TREE "/kernels/%s.config", row->name);
		AUTO_FREE char *pages =
		    xasprintf(TREE "/kernels/%s-%uk.config", row->name, row->pagesize / 1024);

		if (!says(&make, "GUEST_ARCHES", row->name) || !says(&make, triplet, row->triplet) ||
		    !says(&make, debian, row->debian))
			fail_msg("%s: not as in the Makefile's GUEST_ARCHES, TRIPLET and DEBIAN", row->name);
		if (!says(&deps, "", row->package) || !says(&deps, "", row->compiler) ||
		    !says(&deps, "", libc))
			fail_msg("%s: .ci/deps lacks %s, %s or %s", row->name, row->package, row->compiler,
				 libc);
		if (!fs_exists(fragment) || !fs_exists(pages))
			fail_msg("%s: there is no %s or no %s", row->name, fragment, pages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(has_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
