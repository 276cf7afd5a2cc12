/* The file of a matrix: what it means, and each mistake in it. */
#include "base/fs.h"
#include "config/matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int parse(const char *text, struct matrix_config *config, struct err *err)
{
	return matrix_config_parse("m.json", text, strlen(text), config, err);
}

static void test_whole(void **state)
{
	static const char text[] =
	    "{\"name\": \"nightly\","
	    "\"candidates\": [\"6.12-64k\", {\"name\": \"new\", \"suite\": \"trixie\", \"package\": \"linux-image-x:amd64\"},"
	    "  {\"suite\": \"forky\", \"package\": \"linux-image-y:amd64\"}, {\"id\": \"z\"}],"
	    "\"environments\": [{\"name\": \"nocow\", \"set\": {\"nocow\": true}}, {\"name\": \"plain\"}],"
	    "\"scenarios\": [\"AD033\", \"ADSP*\"], \"set\": {\"smp\": 2},"
	    "\"exclude\": [{\"candidates\": [\"*64k\"], \"scenarios\": [\"ADSP*\"], \"why\": \"slow\"}],"
	    "\"repeats\": 3, \"together\": 20, \"budget\": 60, \"slots\": 2}";
	AUTO(matrix_config) config = MATRIX_CONFIG_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(parse(text, &config, &err), 0);
	assert_string_equal(config.name, "nightly");
	assert_int_equal(config.n_candidates, 4);
	assert_string_equal(config.candidates[0].origin.id, "6.12-64k");
	assert_string_equal(config.candidates[1].name, "new");
	assert_null(config.candidates[1].origin.id);
	assert_string_equal(config.candidates[2].name, "forky linux-image-y:amd64");
	assert_string_equal(config.candidates[3].name, "z");
	assert_int_equal(config.n_environments, 2);
	assert_string_equal(config.environments[0].set.v[0], "nocow=true");
	assert_int_equal(config.environments[1].set.n, 0);
	assert_string_equal(config.set.v[0], "smp=2");
	assert_int_equal(
	    config.repeats * 1000000 + config.together * 10000 + config.budget * 10 + config.slots, 3200602);
	assert_string_equal(matrix_excluded(&config, "6.12-64k", "nocow", "ADSP001"), "slow");
	assert_null(matrix_excluded(&config, "6.12-64k", "nocow", "AD033"));
	assert_null(matrix_excluded(&config, "new", "nocow", "ADSP001"));
}

static void test_defaults(void **state)
{
	AUTO(matrix_config) config = MATRIX_CONFIG_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(parse("{\"candidates\": [\"a\"], \"scenarios\": [\"AD033\"]}", &config, &err), 0);
	assert_null(config.name);
	assert_int_equal(config.n_environments, 1);
	assert_string_equal(config.environments[0].name, "");
	assert_int_equal(config.repeats, 1);
	assert_int_equal(config.together, 1);
	assert_int_equal(config.budget + config.slots, 0);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "{\"scenarios\": [\"A\"]}", "the key \"candidates\" is missing" },
		{ "{\"candidates\": [], \"scenarios\": [\"A\"]}",
		  "m.json:1:16: $.candidates: expected at least one" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": []}", "expected at least one scenario" },
		{ "{\"candidates\": [\"a\", \"a\"], \"scenarios\": [\"A\"]}",
		  "candidate \"a\" is there twice" },
		{ "{\"candidates\": [{\"suite\": \"trixie\"}], \"scenarios\": [\"A\"]}",
		  "or both of \"suite\"" },
		{ "{\"candidates\": [{\"id\": \"a\", \"suite\": \"s\", \"package\": \"p\"}], \"scenarios\": [\"A\"]}",
		  "expected either \"id\"" },
		{ "{\"candidates\": [7], \"scenarios\": [\"A\"]}", "$.candidates[0]: expected" },
		{ "{\"candidates\": [\"\"], \"scenarios\": [\"A\"]}", "a name that is not empty" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"repeat\": 2}", "repeat" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"repeats\": 0}",
		  "a whole number from 1" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"name\": \"../x\"}",
		  "without a leading dot" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"set\": {\"smpp\": 2}}", "smp" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"environments\": [{\"name\": \"e\"}, "
		  "{\"name\": \"e\"}]}",
		  "environment \"e\" is there twice" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"exclude\": [{\"candidates\": [\"b\"], "
		  "\"why\": \"\"}]}",
		  "match no candidate" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"exclude\": [{\"environments\": [\"b\"], "
		  "\"why\": \"\"}]}",
		  "match no environment" },
		{ "{\"candidates\": [\"a\"], \"scenarios\": [\"A\"], \"exclude\": [{\"candidates\": [\"a\"]}]}",
		  "the key \"why\" is missing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(matrix_config) config = MATRIX_CONFIG_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(parse(cases[i].text, &config, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].says) || !str_starts(err.text, "m.json:1:"))
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void test_the_file_that_ships(void **state)
{
	AUTO(matrix_config) config = MATRIX_CONFIG_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(fs_read(TREE "/configs/campaigns/nightly.json", 1 << 20, &text, &err), 0);
	if (parse(text.s, &config, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(config.name, "nightly");
	assert_true(config.n_candidates == 10 && config.n_environments == 2);
	assert_true(config.scenarios.n >= 12);
	assert_non_null(matrix_excluded(&config, "trixie-x86_64-4k", "checksums", "AD035"));
	assert_null(matrix_excluded(&config, "trixie-x86_64-4k", "checksums", "AD033"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_the_file_that_ships),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
