/* A running guest, watched: one that writes what the test says, piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/progress.h"
#include "guest/watch.h"

#define MIB (1u << 20)

/* Writes the pieces, one each time that somebody waits; then it ends, or hangs. */
struct guest {
	const char *console;
	const char *const *pieces; /* NULL-terminated */
	size_t size;		   /* of a piece; 0: up to its NUL */
	bool hangs;
	unsigned stops;
};

static enum guest_end guest_wait(struct guest *guest, int64_t ms)
{
	AUTO_CLOSE int fd = open(guest->console, O_WRONLY | O_APPEND);
	const char *piece = *guest->pieces;

	if (guest->stops)
		return GUEST_STOPPED;
	if (!piece && guest->hangs)
		usleep((useconds_t)ms * 1000);
	if (!piece)
		return guest->hangs ? GUEST_RUNNING : GUEST_POWERED_OFF;
	assert_int_equal(fs_write_all(fd, piece, guest->size ? guest->size : strlen(piece)), 0);
	guest->pieces++;
	return GUEST_RUNNING;
}

static void guest_stop(struct guest *guest)
{
	guest->stops += guest->hangs;
}

static const struct backend_ops ops = { .wait = guest_wait, .stop = guest_stop };

struct fixture {
	char *folder, *console, *events;
	struct signatures table;
	struct environment env;
	struct plan_scenario scenario;
	struct trial_spec spec;
	struct guest_report report;
	struct guest_events told;
	struct watch watch;
};

static void set_up(struct fixture *f)
{
	static const char table[] = "{\"places\":[],\"signatures\":[]}";
	AUTO(err) err = ERR_INIT;

	memset(f, 0, sizeof(*f));
	progress_quiet();
	f->folder = fs_temp_dir("/tmp/qb-watch.", &err);
	f->console = path_join(f->folder, "console.log");
	f->events = path_join(f->folder, "events.ktap");
	assert_int_equal(signatures_parse("table", table, strlen(table), &f->table, &err), 0);
	environment_init(&f->env);
	f->env.bootlimit = 1;
	f->scenario = (struct plan_scenario){ .name = "S", .env = &f->env };
	f->spec = (struct trial_spec){ .scenarios = &f->scenario, .n = 1, .label = "test" };
	guest_events_init(&f->told, "0123456789abcdef", &f->report, 1);
	f->watch = (struct watch){ .console = FOLLOW_INIT,
				   .events = FOLLOW_INIT,
				   .classify = classify_new(&f->table),
				   .told = &f->told,
				   .spec = &f->spec };
	assert_int_equal(watch_open(&f->watch, f->console, f->events, &err), 0);
}

static void watch_all(struct fixture *f, struct guest *guest)
{
	AUTO(err) err = ERR_INIT;

	guest->console = f->console;
	assert_int_equal(watch_guest(&f->watch, &ops, guest, &err), 0);
}

static void tear_down(struct fixture *f)
{
	AUTO(err) err = ERR_INIT;

	watch_close(&f->watch);
	classify_free(f->watch.classify);
	signatures_release(&f->table);
	fs_remove_tree(f->folder, &err);
	free(f->folder);
	free(f->console);
	free(f->events);
}

/* The serial is slow: the banner may come in any pieces, and is not seen in what only looks like it. */
static void banner(void **state)
{
	static const struct {
		const char *pieces[5];
		bool spoke;
	} cases[] = {
		{ { "Linux version 6.12\n" }, true },
		{ { "[    0.000000] Linux ver", "sion 6.12\n" }, true },
		{ { "L", "inux version", " ", "6.12\n" }, true },
		{ { "LLinux vLinux ve", "rsion 6.12\n" }, true },
		{ { "Linux version" }, false },
		{ { "Linux ", "Version 6.12, a version of Linux\n" }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct guest guest = { .pieces = cases[i].pieces };
		struct fixture f;

		set_up(&f);
		watch_all(&f, &guest);
		assert_int_equal(f.watch.kernel_spoke, cases[i].spoke);
		assert_int_equal(f.watch.phase, cases[i].spoke ? TRIAL_KERNEL : TRIAL_FIRMWARE);
		assert_int_equal(f.watch.end, GUEST_POWERED_OFF);
		tear_down(&f);
	}
}

/* Each phase has its own time. */
static void silence(void **state)
{
	static const char *const nothing[] = { NULL }, *const some[] = { "Linux version 6.12\n", NULL };
	static const char *const *const pieces[] = { nothing, some };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct guest guest = { .pieces = pieces[i], .hangs = true };
		struct fixture f;

		set_up(&f);
		watch_all(&f, &guest);
		assert_true(f.watch.timed_out);
		assert_int_equal(f.watch.phase, i ? TRIAL_KERNEL : TRIAL_FIRMWARE);
		assert_in_range(f.watch.ms[f.watch.phase], 1000, 1000000);
		assert_int_equal(guest.stops, 1);
		tear_down(&f);
	}
}

/* A guest that writes without end is stopped, and what it wrote beyond the limit does not stay. */
static void flood(void **state)
{
	AUTO_FREE char *piece = xcalloc(1, MIB);
	const char *pieces[21] = { NULL };
	struct guest guest = { .pieces = pieces, .size = MIB, .hangs = true };
	struct fixture f;
	struct stat st;

	(void)state;
	memset(piece, 'x', MIB);
	for (size_t i = 0; i < 20; i++)
		pieces[i] = piece;
	set_up(&f);
	f.env.bootlimit = 60; /* a machine that is busy reads slowly */
	watch_all(&f, &guest);
	assert_true(f.watch.flooded);
	assert_false(f.watch.timed_out);
	assert_int_equal(guest.stops, 1);
	watch_close(&f.watch);
	assert_int_equal(stat(f.console, &st), 0);
	assert_int_equal(st.st_size, 16 * MIB);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(banner),
		cmocka_unit_test(silence),
		cmocka_unit_test(flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
