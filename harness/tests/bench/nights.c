/*
 * What many nights leave, for the bench of the store:
 *
 *	nights make HOME NIGHTS TRIALS		folders of matrix campaigns, as qbisect writes them but not synced
 *	nights keep HOME TRIALS			a campaign whose trials are kept one by one, as a night does it; prints the
 *						seconds that took
 *
 * A night has 5 kernels, and boots of ten trials each: the files of a boot stand with the first. Of twenty cells one
 * fails, mostly each night; one in fifty cannot be judged.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "config/json.h"
#include "store/campaign.h"

#define KERNELS	 5
#define TOGETHER 10
#define CONSOLE	 16384 /* bytes of a boot's console */

static void set(char **text, const char *value)
{
	str_replace(text, value);
}

/* Cells are the same each night; what becomes of them is not quite. */
static enum verdict verdict_of(unsigned night, unsigned trial)
{
	if (trial % 50 == 13)
		return VERDICT_SKIP;
	if (trial % 20 == 7)
		return (night * 31 + trial) % 9 ? VERDICT_BAD : VERDICT_GOOD;
	return (night * 7919 + trial * 104729) % 997 ? VERDICT_GOOD : VERDICT_BAD;
}

static void set_question(struct record *r, unsigned night, unsigned trial, unsigned trials)
{
	static const char *const arches[KERNELS] = { "ppc64le", "ppc64le", "aarch64", "aarch64", "x86_64" };
	static const unsigned pages[KERNELS] = { 65536, 4096, 16384, 4096, 4096 };
	unsigned kernel = trial * KERNELS / trials;
	struct environment env;

	environment_init(&env);
	environment_list(&env, &r->environment);
	r->started = xasprintf("%04u-%02u-%02uT0%u:%02u:00Z", 2025 + night / 336, night / 28 % 12 + 1,
			       night % 28 + 1, 2 + trial / 60 % 5, trial % 60);
	r->arch = xstrdup(arches[kernel]);
	r->candidate_name = xasprintf("newest-%s-%uk", arches[kernel], pages[kernel] / 1024);
	r->release =
	    xasprintf("6.%u.%u-%s-%uk", 12 + night / 60, night % 60, arches[kernel], pages[kernel] / 1024);
	r->candidate = xstrdup(r->release);
	r->pagesize = r->guest_pagesize = pages[kernel];
	r->scenario = xasprintf("AD%03u", trial % (trials / KERNELS));
	r->boot = xasprintf("%05u-%s", trial / TOGETHER * TOGETHER + 1, r->candidate);
	set(&r->environment_name, "btrfs-nocow");
	set(&r->commit, "");
}

static void set_answer(struct record *r, enum verdict verdict)
{
	static const struct {
		const char *class, *title;
	} words[VERDICT_N] = {
		[VERDICT_GOOD] = { "clean", "all 25 iterations passed" },
		[VERDICT_BAD] = { "target",
				  "fsync gave EIO in 3 of 25 iterations; Page cache invalidation failure on direct I/O" },
		[VERDICT_SKIP] = { "oops", "Oops: Kernel access of bad area, sig: 11 [#1]" },
		[VERDICT_BROKEN] = { "host", "QEMU died" },
	};

	r->verdict = verdict;
	set(&r->class, words[verdict].class);
	set(&r->title, words[verdict].title);
	strv_add(&r->reasons, words[verdict].title);
	set(&r->agreement, verdict == VERDICT_BAD ? "guest and console" : "");
	set(&r->evidence, verdict == VERDICT_BAD ? "Page cache invalidation failure on direct I/O." : "");
	r->evidence_line = verdict == VERDICT_BAD ? 100 : 0;
	r->failed = verdict == VERDICT_BAD ? 3 : 0;
	r->passed = 25 - r->failed;
	for (unsigned i = 1; i <= r->failed; i++)
		strv_addf(&r->failures, "%u: kind=fsync errno=EIO file=dst0 offset=%u errors=1 ms=1402", i,
			  65536 * i);
}

static void make_record(struct record *r, unsigned night, unsigned trial, unsigned trials)
{
	static const char *const facts[] = { "cpus=4",		"memory=986944",
					     "aio=libaio",	"device=vda",
					     "fstype=btrfs",	"nocow=1",
					     "sectorsize=4096", "mountoptions=rw,relatime" };

	set_question(r, night, trial, trials);
	set_answer(r, verdict_of(night, trial));
	strv_addf(&r->facts, "release=%s", r->release);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		strv_add(&r->facts, facts[i]);
	set(&r->accelerator, "tcg");
	set(&r->firmware, "vof");
	set(&r->machine, "libvirt 9.0.0, QEMU emulator version 7.2.22");
	set(&r->disk_tool, "mkfs.btrfs, part of btrfs-progs v6.2");
	set(&r->host, "lab1, Linux 6.12.0 x86_64, qbisect 1234567");
	r->ms[TRIAL_TEST] = 1000 + trial * 37 % 9000;
	if (trial % TOGETHER == 0)
		r->ms[TRIAL_KERNEL] = 4000 + night * 13 % 2000;
}

static int write_file(const char *folder, const char *name, const struct buf *text, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fs_write_all(fd, text->s, text->len) < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", path);
	return 0;
}

static int write_boot(const char *folder, struct err *err)
{
	static const char *const names[] = { "events.ktap", "domain.xml", "repeat.sh" };
	AUTO(buf) console = BUF_INIT;

	for (unsigned line = 1; console.len < CONSOLE; line++)
		buf_addf(&console, "[%12.6f] a line of a kernel that says what it has found here\n",
			 line / 7.0);
	if (write_file(folder, "console.log", &console, err) < 0)
		return -1;
	console.len = 2000;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (write_file(folder, names[i], &console, err) < 0)
			return -1;
	return 0;
}

static int make_trial(const struct campaign *campaign, unsigned night, unsigned trial, unsigned trials,
		      struct err *err)
{
	AUTO(record) record = RECORD_INIT;
	AUTO(json) root = json_new_object();
	AUTO_FREE char *folder = NULL;
	AUTO(buf) text = BUF_INIT;

	make_record(&record, night, trial, trials);
	folder = xasprintf("%s/%05u-%s", campaign->folder, trial + 1, record.candidate);
	record_put(&record, root);
	json_write(root, JSON_PRETTY, &text);
	if (mkdir(folder, 0700) < 0)
		return err_errno(err, ERR_HOST, "cannot make %s", folder);
	if (trial % TOGETHER == 0 && write_boot(folder, err) < 0)
		return -1;
	return write_file(folder, RECORD_FILE, &text, err);
}

static int make_night(const char *results, unsigned night, unsigned trials, struct err *err)
{
	AUTO(campaign) c = { .confidence = 0.95 };

	c.name = xasprintf("nightly-%04u", night);
	if (night)
		c.previous = xasprintf("nightly-%04u", night - 1);
	set(&c.kind, "matrix");
	set(&c.matrix, "nightly");
	if (campaign_create(&c, results, err) < 0)
		return -1;
	free(c.started);
	c.started =
	    xasprintf("%04u-%02u-%02uT02:00:00Z", 2025 + night / 336, night / 28 % 12 + 1, night % 28 + 1);
	set(&c.ended, c.started);
	set(&c.answer, "passed");
	set(&c.sentence, "nothing fails that did not fail before");
	for (unsigned i = 0; i < trials; i++)
		if (make_trial(&c, night, i, trials, err) < 0)
			return -1;
	return campaign_save(&c, err);
}

static int keep(const char *results, unsigned trials, struct err *err)
{
	AUTO(campaign) c = CAMPAIGN_INIT;
	int64_t began;

	c.name = xstrdup("kept");
	set(&c.kind, "matrix");
	if (campaign_create(&c, results, err) < 0)
		return -1;
	began = clock_ms();
	for (unsigned i = 0; i < trials; i++) {
		AUTO(record) record = RECORD_INIT;
		AUTO_FREE char *folder = xasprintf("%s/%05u-x", c.folder, i + 1);

		make_record(&record, 0, i, trials);
		if (campaign_keep(&c, folder, &record, err) < 0)
			return -1;
	}
	printf("%.3f\n", (double)(clock_ms() - began) / 1000);
	return 0;
}

static int work(int argc, char **argv, struct err *err)
{
	AUTO_FREE char *results = argc > 2 ? path_join(argv[2], "results") : NULL;
	unsigned n = argc > 3 ? (unsigned)atoi(argv[3]) : 0, trials = argc > 4 ? (unsigned)atoi(argv[4]) : 0;

	if (argc == 4 && str_eq(argv[1], "keep") && n >= KERNELS)
		return keep(results, n, err);
	if (argc != 5 || !str_eq(argv[1], "make") || trials < KERNELS)
		return err_set(err, ERR_USAGE,
			       "usage: nights make HOME NIGHTS TRIALS | nights keep HOME TRIALS");
	for (unsigned i = 0; i < n; i++)
		if (make_night(results, i, trials, err) < 0)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	AUTO(err) err = ERR_INIT;

	if (work(argc, argv, &err) == 0)
		return 0;
	fprintf(stderr, "nights: %s\n", err.text);
	return 128;
}
