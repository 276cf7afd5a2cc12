/* The catalog: finding by id and by its beginning, listing, removing, adding under a lock. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/catalog.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static char *cache;

static int set_up(void **state)
{
	int failed = fixture_set_up(state);

	cache = fixture_path("cache");
	return failed;
}

static int tear_down(void **state)
{
	free(cache);
	return fixture_tear_down(state);
}

static struct candidate make(const char *release, char hash_end)
{
	struct candidate c = CANDIDATE_INIT;

	c.arch = xstrdup("ppc64le");
	c.release = xstrdup(release);
	c.origin = xstrdup("file");
	c.image = xstrdup("vmlinux");
	c.image_hash = xstrdup(HASH "0");
	c.content_hash = xasprintf(HASH "%c", hash_end);
	return c;
}

/* Adds a kernel of that release; its id is the caller's to free(). */
static char *add(const char *release, char hash_end)
{
	AUTO(candidate) c = make(release, hash_end);
	AUTO(catalog_stage) stage = CATALOG_STAGE_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(catalog_stage(cache, &stage, &err), 0);
	assert_int_equal(catalog_known(&stage, NULL, &c, &err), 0);
	assert_int_equal(catalog_commit(&stage, NULL, &c, &err), 0);
	return xstrdup(c.id);
}

static int fill(void **state)
{
	static const char *const releases[] = { "6.1.0-50", "6.12.107-amd64", "6.12.107-64", "6.12.107-64k" };
	AUTO(err) err = ERR_INIT;

	(void)state;
	if (fs_remove_tree(cache, &err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++)
		free(add(releases[i], (char)('0' + i)));
	return 0;
}

static void finds(const char *name, const char *id)
{
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	if (catalog_find(cache, name, &c, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(c.id, id);
}

static void finds_not(const char *name, const char *expected)
{
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(catalog_find(cache, name, &c, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.text, expected))
		fail_msg("'%s' lacks '%s'", err.text, expected);
	assert_null(c.id);
}

static void by_id_and_by_beginning(void **state)
{
	(void)state;
	finds("6.12.107-64k", "6.12.107-64k");
	finds("6.12.107-64", "6.12.107-64"); /* also the beginning of another */
	finds("6.12.107-a", "6.12.107-amd64");
	finds("6.1", "6.1.0-50"); /* 6.12 does not begin with 6.1 */
	finds("6.1.", "6.1.0-50");
	finds_not("6.12", "6.12.107-64, 6.12.107-64k, 6.12.107-amd64");
	finds_not("6.1.0-51", "did you mean '6.1.0-50'?");
	finds_not("5.10", "'qbisect kernel list'");
	finds_not("", "no kernel");
	finds_not("../cache/6.1.0-50", "no kernel");
}

static void an_empty_catalog(void **state)
{
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	AUTO_FREE char *none = fixture_path("none");
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(catalog_list(none, &all, &err), 0);
	assert_int_equal(all.n, 0);
	assert_int_equal(catalog_find(none, "6.1", &c, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(fs_exists(none));
}

static void lists_sorted_and_only_candidates(void **state)
{
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;
	AUTO_FREE char *other = path_join(cache, "embed/x");
	AUTO(err) err = ERR_INIT;

	(void)state;
	fixture_write(other, "x", 1);
	assert_int_equal(catalog_list(cache, &all, &err), 0);
	assert_int_equal(all.n, 4);
	assert_string_equal(all.v[0].id, "6.1.0-50");
	assert_string_equal(all.v[3].id, "6.12.107-amd64");
}

static void sorted_by_release(void **state)
{
	static const char *const releases[] = { "6.12.107-64k", "6.2.0-1-default", "6.12.9",
						"6.2.0-rc1-1-default" };
	static const char *const dpkg[] = { "6.2.0-1-default", "6.2.0-rc1-1-default", "6.12.9",
					    "6.12.107-64k" };
	static const char *const rpm[] = { "6.2.0-rc1-1-default", "6.2.0-1-default", "6.12.9",
					   "6.12.107-64k" };
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		GROW(all.v, all.n, all.cap);
		all.v[all.n] = make(releases[i], '0');
		all.v[all.n++].id = xstrdup(releases[i]);
	}
	catalog_sort(&all);
	for (size_t i = 0; i < ARRAY_SIZE(dpkg); i++)
		assert_string_equal(all.v[i].id, dpkg[i]);
	free(all.v[3].origin);
	all.v[3].origin = xstrdup("rpm");
	catalog_sort(&all);
	for (size_t i = 0; i < ARRAY_SIZE(rpm); i++)
		assert_string_equal(all.v[i].id, rpm[i]);
}

static void damaged_records_are_named(void **state)
{
	AUTO_FREE char *record = path_join(cache, "6.1.0-50/candidate.json");
	AUTO_FREE char *from = path_join(cache, "6.12.107-64"), *to = path_join(cache, "renamed");
	AUTO(candidate_list) all = CANDIDATE_LIST_INIT, again = CANDIDATE_LIST_INIT;
	AUTO(candidate) c = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(catalog_find(cache, "renamed", &c, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, "6.12.107-64"));
	assert_int_equal(catalog_list(cache, &again, &err), -1);
	assert_int_equal(rename(to, from), 0);
	fixture_write(record, "{", 1);
	assert_int_equal(catalog_list(cache, &all, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_non_null(strstr(err.text, record));
	finds("6.12.107-64k", "6.12.107-64k"); /* others stay usable */
}

static void removes(void **state)
{
	AUTO_FREE char *folder = path_join(cache, "6.1.0-50");
	AUTO(candidate) removed = CANDIDATE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(catalog_remove(cache, "6.1", &removed, &err), 0);
	assert_string_equal(removed.id, "6.1.0-50");
	assert_false(fs_exists(folder));
	assert_int_equal(catalog_remove(cache, "6.1", NULL, &err), -1);
	assert_int_equal(catalog_remove(cache, "6.12", NULL, &err), -1);
	finds("6.12.107-a", "6.12.107-amd64");
}

static void same_content_is_known(void **state)
{
	AUTO(candidate) c = make("other-release", '1'), asked = make("x", '1'), new = make("6.1.0-50", '9');
	AUTO(catalog_stage) stage = CATALOG_STAGE_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(catalog_stage(cache, &stage, &err), 0);
	assert_int_equal(catalog_known(&stage, NULL, &c, &err), 1);
	assert_string_equal(c.id, "6.12.107-amd64");
	assert_int_equal(catalog_known(&stage, "x", &asked, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(catalog_known(&stage, NULL, &new, &err), 0);
	assert_int_equal(catalog_commit(&stage, "6.1.0-50", &new, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(catalog_commit(&stage, NULL, &new, &err), 0);
	assert_string_equal(new.id, "6.1.0-50-01234567");
}

static void what_is_not_committed_goes(void **state)
{
	AUTO_FREE char *dir = NULL;
	AUTO(err) err = ERR_INIT;

	(void)state;
	{
		AUTO(catalog_stage) stage = CATALOG_STAGE_INIT;

		assert_int_equal(catalog_stage(cache, &stage, &err), 0);
		dir = xstrdup(stage.dir);
		assert_true(fs_is_dir(dir));
	}
	assert_false(fs_exists(dir));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(by_id_and_by_beginning, fill),
		cmocka_unit_test(an_empty_catalog),
		cmocka_unit_test_setup(lists_sorted_and_only_candidates, fill),
		cmocka_unit_test(sorted_by_release),
		cmocka_unit_test_setup(damaged_records_are_named, fill),
		cmocka_unit_test_setup(removes, fill),
		cmocka_unit_test_setup(same_content_is_known, fill),
		cmocka_unit_test_setup(what_is_not_committed_goes, fill),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
