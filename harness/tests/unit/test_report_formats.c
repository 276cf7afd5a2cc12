/* What leaves the machine: texts made harmless, and what each format calls each verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/json.h"
#include "report/kcidb_issue.h"
#include "report/outward.h"
#include "report/report.h"

#define SHA1 "0123456789abcdef0123456789abcdef01234567"

static struct campaign campaign;
static struct record_list records;
static struct buf text = BUF_INIT;

static int set_up(void **state)
{
	(void)state;
	campaign = (struct campaign)CAMPAIGN_INIT;
	str_replace(&campaign.name, "c");
	str_replace(&campaign.kind, "bisect");
	str_replace(&campaign.started, "2026-11-22T19:45:00Z");
	str_replace(&campaign.answer, "");
	str_replace(&campaign.config, "");
	records = (struct record_list)RECORD_LIST_INIT;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	campaign_release(&campaign);
	record_list_release(&records);
	buf_release(&text);
	return 0;
}

/* A trial of a kernel "k" for ppc64le; its fields can be changed afterwards with str_replace(). */
static struct record *add_trial(enum verdict verdict, const char *class, const char *title)
{
	struct record *record;

	GROW(records.v, records.n, records.cap);
	record = &records.v[records.n++];
	*record = (struct record){ .number = (unsigned)records.n, .verdict = verdict };
	record->started = xstrdup("2026-11-22T19:45:01Z");
	record->candidate = xstrdup("k");
	record->arch = xstrdup("ppc64le");
	record->release = xstrdup("6.12.0");
	record->commit = xstrdup("");
	record->scenario = xstrdup("AD033");
	record->accelerator = xstrdup("tcg");
	record->firmware = xstrdup("");
	record->machine = xstrdup("");
	record->disk_tool = xstrdup("");
	record->host = xstrdup("");
	record->class = xstrdup(class);
	record->title = xstrdup(title);
	record->agreement = xstrdup("");
	record->environment_name = xstrdup("");
	record->evidence = xstrdup("");
	strv_add(&record->environment, "workload=aiocp");
	strv_add(&record->reasons, title);
	return record;
}

static void has(const char *part)
{
	if (!strstr(text.s, part))
		fail_msg("'%s' is not in:\n%s", part, text.s);
}

static void lacks(const char *part)
{
	if (strstr(text.s, part))
		fail_msg("'%s' is in:\n%s", part, text.s);
}

static void texts_are_made_harmless(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "plain \xc3\xa4 <b>&]]>\"'", "plain \xc3\xa4 <b>&]]>\"'" },
		{ "a\x1b[31m\nb\x7f\xff\xc2\x9b", "a\\x1b[31m\\nb\\x7f\\xff\\xc2\\x9b" },
		{ "x\xe2\x80\xaey", "x\\u202ey" },		      /* right to left */
		{ "x\xe2\x81\xa6y", "x\\u2066y" },		      /* isolate */
		{ "x\xd8\x9cy", "x\\u061cy" },			      /* Arabic letter mark */
		{ "x\xe2\x80\xa8y", "x\\u2028y" },		      /* line separator */
		{ "\xef\xbb\xbfx", "\\ufeffx" },		      /* byte order mark */
		{ "x\xef\xbf\xbey\xef\xbf\xbf", "x\\ufffey\\uffff" }, /* not in XML */
		{ "x\xef\xbf\xbdy", "x\xef\xbf\xbdy" },
		{ "cannot open /root/a b/disk.img: No space left",
		  "cannot open a b/disk.img: No space left" },
		{ "/home/u/x.json:3:4: no", "x.json:3:4: no" },
		{ "'/a/b', \"/c/d\" (/e/f) k=/g/h,/i/j", "'b', \"d\" (f) k=h,j" },
		{ "file:///root/x", "file:x" },
		{ "/root/", "root/" },
		{ "kworker/0:0 failed 3/20 in fs/btrfs/file.c:12, 1 / 2, //",
		  "kworker/0:0 failed 3/20 in "
		  "fs/btrfs/file.c:12, 1 / 2, //" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&text);
		outward_add(&text, cases[i].in);
		assert_string_equal(text.s, cases[i].out);
	}
}

static void texts_and_logs_are_bounded(void **state)
{
	AUTO_FREE char *endless = xcalloc(1, 3 * OUTWARD_TEXT_MAX);
	struct record *record = add_trial(VERDICT_BAD, "target", "t");

	(void)state;
	memset(endless, '\x01', 3 * OUTWARD_TEXT_MAX - 1);
	str_replace(&record->evidence, endless);
	record->evidence_line = 7;
	for (int i = 0; i < 100; i++)
		strv_add(&record->failures, endless);
	outward_log(&text, record);
	assert_true(text.len <= OUTWARD_LOG_MAX && text.len > OUTWARD_TEXT_MAX);
	assert_true(str_starts(text.s, "console line 7: \\x01"));
	assert_true(str_ends(text.s, "...\n"));
}

static void csv_is_quoted(void **state)
{
	struct record *record = add_trial(VERDICT_BAD, "target", "=1+1, \"quoted\"\r\nnext");

	(void)state;
	str_replace(&record->evidence, "@SUM(A1)");
	str_replace(&record->agreement, "-1");
	str_replace(&record->machine, "+1");
	str_replace(&record->disk_tool, "a=b");
	str_replace(&record->host, "lab1, Linux 6.1.0 x86_64, qbisect 3f2a1bc");
	report_csv(&campaign, &records, &text);
	has("\r\n\"c\",1,bad,\"2026-11-22T19:45:01Z\",\"AD033\",\"k\",\"\",");
	has(",\"'=1+1, \"\"quoted\"\"\\r\\nnext\",\"'-1\",\"'@SUM(A1)\",");
	has(",\"'+1\",\"a=b\",");
	has(",seconds,environment,host\r\n");
	assert_true(
	    str_ends(text.s, ",0.000,\"workload=aiocp\",\"Linux 6.1.0 x86_64, qbisect 3f2a1bc\"\r\n"));
	lacks("lab1");
}

static void junit_has_an_element_for_each_verdict(void **state)
{
	(void)state;
	add_trial(VERDICT_GOOD, "clean", "passed");
	add_trial(VERDICT_BAD, "target", "<b> & \"q\" 'a' ]]> \x1b\xff")->ms[TRIAL_TEST] = 1500;
	add_trial(VERDICT_SKIP, "panic", "a panic");
	add_trial(VERDICT_BROKEN, "host", "cannot open /root/x");
	report_junit(&campaign, &records, &text);
	has("<testsuites name=\"c\" tests=\"4\" failures=\"1\" errors=\"1\" time=\"1.500\">");
	has("time=\"1.500\" skipped=\"1\">");
	has("<testcase classname=\"qbisect.AD033\" name=\"k #1\" time=\"0.000\">\n</testcase>");
	has("<failure type=\"target\" message=\"&lt;b&gt; &amp; &quot;q&quot; &apos;a&apos; ]]&gt; \\x1b\\xff\">");
	has("<skipped type=\"panic\" message=\"a panic\">a panic\n</skipped>");
	has("<error type=\"host\" message=\"cannot open x\">cannot open x\n</error>");
	has("<property name=\"rate\" value=\"1/2 (");
	lacks("\"pagesize\"");
}

static void ktap_has_a_directive_for_each_verdict(void **state)
{
	struct record *record;

	(void)state;
	str_replace(&add_trial(VERDICT_BAD, "target", "SKIP me")->scenario, "a#1\nok 2");
	add_trial(VERDICT_SKIP, "panic", "why");
	add_trial(VERDICT_BROKEN, "host", "once");
	add_trial(VERDICT_GOOD, "clean", "passed");
	record = add_trial(VERDICT_BROKEN, "host", "always");
	str_replace(&record->candidate, "b");
	str_replace(&record->evidence, "ok 1\nok 2");
	str_replace(&add_trial(VERDICT_SKIP, "hang", "why")->candidate, "s");
	report_ktap(&campaign, &records, &text);
	assert_string_equal(text.s, "KTAP version 1\n1..3\n# bisect c\n"
				    "  KTAP version 1\n  1..4\n"
				    "  not ok 1 a_1\\nok 2 # bad, target: SKIP me\n"
				    "  ok 2 AD033 # SKIP panic: why\n"
				    "  ok 3 AD033 # SKIP broken, host: once\n"
				    "  ok 4 AD033\n"
				    "not ok 1 k ppc64le # bad 1/2\n"
				    "  KTAP version 1\n  1..1\n"
				    "  # console line 0: ok 1\\nok 2\n"
				    "  not ok 1 AD033 # ERROR host: always\n"
				    "not ok 2 b ppc64le # ERROR bad 0/0 (0-100 %)\n"
				    "  KTAP version 1\n  1..1\n"
				    "  ok 1 AD033 # SKIP hang: why\n"
				    "ok 3 s ppc64le # SKIP bad 0/0 (0-100 %)\n");
}

static void kernels_stand_as_they_were_asked(void **state)
{
	(void)state;
	strv_add(&campaign.candidates, "a");
	strv_add(&campaign.candidates, "k");
	str_replace(&add_trial(VERDICT_GOOD, "clean", "")->candidate, "compared");
	add_trial(VERDICT_BAD, "target", "");
	str_replace(&add_trial(VERDICT_GOOD, "clean", "")->candidate, "a");
	str_replace(&add_trial(VERDICT_GOOD, "clean", "")->arch, "x86_64");
	report_ktap(&campaign, &records, &text);
	has("\nok 1 a ppc64le ");
	has("\nnot ok 2 k ppc64le ");
	has("\nok 3 k x86_64 ");
	has("\nok 4 compared ppc64le ");
}

/* In a matrix a kernel is asked several things, and each has a rate of its own. */
static void questions_have_rates_of_their_own(void **state)
{
	(void)state;
	add_trial(VERDICT_BAD, "target", "t");
	str_replace(&add_trial(VERDICT_GOOD, "clean", "t")->scenario, "AD001");
	str_replace(&add_trial(VERDICT_GOOD, "clean", "t")->environment_name, "ext4");
	add_trial(VERDICT_BAD, "target", "t");
	report_junit(&campaign, &records, &text);
	has("classname=\"qbisect.AD033\" name=\"k #1\"");
	has("classname=\"qbisect.AD001\" name=\"k #1\"");
	has("classname=\"qbisect.AD033\" name=\"k ext4 #1\"");
	has("classname=\"qbisect.AD033\" name=\"k #2\"");
	has("name=\"rate\" value=\"2/4\"");
	buf_reset(&text);
	report_ktap(&campaign, &records, &text);
	has("  ok 3 AD033 ext4\n");
	has("\nnot ok 1 k ppc64le # bad 2/4\n");
	buf_reset(&text);
	report_kcidb(&campaign, &records, "qbisect", &text);
	has("\"failures\": 2,\n          \"trials\": 2,");
	has("\"failures\": 0,\n          \"trials\": 1,");
	lacks("\"trials\": 4");
}

static void nothing_is_a_report_too(void **state)
{
	(void)state;
	report_ktap(&campaign, &records, &text);
	assert_string_equal(text.s, "KTAP version 1\n1..0\n# bisect c\n");
	buf_reset(&text);
	report_kcidb(&campaign, &records, "qbisect", &text);
	has("\"tests\": [\n  ],");
	buf_reset(&text);
	report_junit(&campaign, &records, &text);
	has("<testsuites name=\"c\" tests=\"0\"");
}

static void kcidb_has_a_status_for_each_verdict(void **state)
{
	static const struct {
		enum verdict verdict;
		const char *class, *status;
	} cases[] = {
		{ VERDICT_GOOD, "clean", "PASS" },	   { VERDICT_GOOD, "warning", "PASS" },
		{ VERDICT_BAD, "target", "FAIL" },	   { VERDICT_SKIP, "panic", "SKIP" },
		{ VERDICT_SKIP, "wrong-kernel", "SKIP" },  { VERDICT_SKIP, "untestable", "SKIP" },
		{ VERDICT_SKIP, "test-failure", "ERROR" }, { VERDICT_SKIP, "setup", "ERROR" },
		{ VERDICT_BROKEN, "qemu-died", "MISS" },   { VERDICT_BROKEN, "setup", "MISS" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *wanted =
		    xasprintf("\"status\": \"%s\",\n      \"start_time\"", cases[i].status);

		record_list_release(&records);
		buf_reset(&text);
		add_trial(cases[i].verdict, cases[i].class, "t");
		report_kcidb(&campaign, &records, "my_lab", &text);
		has(wanted);
		has("\"id\": \"my_lab:c@2026-11-22T19:45:00Z/trial/1\"");
	}
}

static void kcidb_tells_where_a_kernel_came_from(void **state)
{
	struct record *record = add_trial(VERDICT_GOOD, "clean", "t");

	(void)state;
	str_replace(&campaign.config, "/home/u/my.config");
	record->guest_pagesize = 65536;
	record->build_ms = 1500;
	report_kcidb(&campaign, &records, "qbisect", &text);
	lacks("git_commit");
	has("\"config_name\": \"config-6.12.0\"");
	has("\"pagesize\": 65536");
	has("\"duration\": 1.5");
	has("\"path\": \"qbisect.aiocp.AD033\"");
	buf_reset(&text);
	str_replace(&record->commit, SHA1);
	str_replace(&record->scenario, "ltp-aiodio.part2:AD001");
	report_kcidb(&campaign, &records, "qbisect", &text);
	has("\"git_commit_hash\": \"" SHA1 "\"");
	has("\"config_name\": \"my.config\"");
	has("\"path\": \"qbisect.aiocp.ltp-aiodio_part2_AD001\"");
	buf_reset(&text);
	str_replace(&record->commit, SHA1 SHA1);
	report_kcidb(&campaign, &records, "qbisect", &text);
	lacks("git_commit_hash");
	has("\"git_commit_name\": \"" SHA1 SHA1 "\"");
}

/* Two page sizes of one commit are two builds of one source. */
static void kcidb_has_one_checkout_for_a_commit(void **state)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	str_replace(&add_trial(VERDICT_GOOD, "clean", "t")->commit, SHA1);
	str_replace(&add_trial(VERDICT_GOOD, "clean", "t")->commit, SHA1);
	str_replace(&records.v[1].candidate, "k-4k");
	report_kcidb(&campaign, &records, "qbisect", &text);
	assert_int_equal(json_parse("kcidb", text.s, text.len, &doc, &err), 0);
	assert_int_equal(json_count(json_find(json_root(&doc), "checkouts")), 1);
	assert_int_equal(json_count(json_find(json_root(&doc), "builds")), 2);
}

static void kcidb_knows_a_build_that_failed(void **state)
{
	struct record *record = add_trial(VERDICT_SKIP, "build", "/root/linux/main.c:3: error: \xff");

	(void)state;
	str_replace(&record->release, "");
	str_replace(&record->commit, SHA1);
	report_kcidb(&campaign, &records, "qbisect", &text);
	has("\"status\": \"FAIL\",\n      \"log_excerpt\": \"main.c:3: error: \\\\xff\"");
	has("\"status\": \"SKIP\"");
	has("\"issues\": [\n  ],");
}

static void signatures_are_issues(void **state)
{
	AUTO(kcidb_issue) a = KCIDB_ISSUE_INIT;
	AUTO(kcidb_issue) b = KCIDB_ISSUE_INIT;
	AUTO(kcidb_issue) c = KCIDB_ISSUE_INIT;
	AUTO(kcidb_issue) none = KCIDB_ISSUE_INIT;

	(void)state;
	assert_true(
	    kcidb_issue_of(add_trial(VERDICT_BAD, "target", "EIO in 3 of 25, at 0x10 by v2"), "o", &a));
	assert_string_equal(a.title, "EIO in N of N, at 0x10 by v2");
	assert_true(str_starts(a.id, "o:signature/"));
	assert_true(
	    kcidb_issue_of(add_trial(VERDICT_BAD, "target", "EIO in 11 of 40, at 0x10 by v2"), "o", &b));
	assert_string_equal(a.id, b.id);
	assert_true(
	    kcidb_issue_of(add_trial(VERDICT_SKIP, "oops", "EIO in 3 of 25, at 0x10 by v2"), "o", &c));
	assert_string_not_equal(a.id, c.id);
	assert_false(kcidb_issue_of(add_trial(VERDICT_GOOD, "warning", "noted"), "o", &none));
	assert_false(kcidb_issue_of(add_trial(VERDICT_SKIP, "hang", "t"), "o", &none));
	assert_false(kcidb_issue_of(add_trial(VERDICT_SKIP, "build", "t"), "o", &none));
	assert_false(kcidb_issue_of(add_trial(VERDICT_BROKEN, "panic", "t"), "o", &none));
}

static void origins_are_checked(void **state)
{
	(void)state;
	assert_true(report_kcidb_origin_valid("my_lab2"));
	assert_false(report_kcidb_origin_valid(""));
	assert_false(report_kcidb_origin_valid("My"));
	assert_false(report_kcidb_origin_valid("a:b"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(texts_are_made_harmless),
		TEST(texts_and_logs_are_bounded),
		TEST(csv_is_quoted),
		TEST(junit_has_an_element_for_each_verdict),
		TEST(ktap_has_a_directive_for_each_verdict),
		TEST(kernels_stand_as_they_were_asked),
		TEST(questions_have_rates_of_their_own),
		TEST(nothing_is_a_report_too),
		TEST(kcidb_has_a_status_for_each_verdict),
		TEST(kcidb_tells_where_a_kernel_came_from),
		TEST(kcidb_has_one_checkout_for_a_commit),
		TEST(kcidb_knows_a_build_that_failed),
		TEST(signatures_are_issues),
		TEST(origins_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
