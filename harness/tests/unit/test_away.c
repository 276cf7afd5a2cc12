/* A guest on another host, and what becomes of it when the host does not do what it should. */
#include "libvirt_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/supervisor.h"
#include "guest/accelerator.h"
#include "guest/upload.h"
#include "tests/unit/folder_fixture.h"

#define WAIT_MS 5000

static const struct arch x86 = { .name = "x86_64",
				 .domain_arch = "x86_64",
				 .machine = "q35",
				 .emulator = "qemu",
				 .package = "qemu",
				 .cpu_tcg = "",
				 .events_port = "",
				 .panic = "" };

struct stand {
	struct backend *backend;
	struct domain_spec spec;
	struct backend_placed placed;
	struct guest *guest;
};

static char *new_file(const char *name, const char *text)
{
	char *path = path_join(folder, name);
	AUTO(err) err = ERR_INIT;

	assert_int_equal(fs_write_atomic(path, text, strlen(text), &err), 0);
	return path;
}

static void open_stand(struct stand *stand)
{
	AUTO(err) err = ERR_INIT;

	host_reset();
	*stand = (struct stand){ .spec = { .arch = &x86,
					   .name = "guest",
					   .accelerator = "tcg",
					   .firmware = "",
					   .smp = 1,
					   .memory_mib = 64,
					   .logical_block = 512,
					   .emulator = "/usr/bin/qemu" } };
	stand->spec.disk = new_file("disk", "disk");
	stand->spec.console = new_file("console", "");
	stand->spec.events = new_file("events", "");
	if (backend_open("qemu+ssh://lab1/system", folder, &stand->backend, &err) < 0)
		fail_msg("%s", err.text);
}

static int start(struct stand *stand, struct err *err)
{
	AUTO(buf) xml = BUF_INIT;
	struct backend_away *away = stand->backend->away;

	assert_int_equal(away->ops->place(away, &stand->spec, &stand->placed, err), 0);
	domain_xml(&stand->placed.spec, &xml);
	return stand->backend->ops->start(stand->backend, &stand->spec, xml.s, &stand->guest, err);
}

static void open_guest(struct stand *stand)
{
	AUTO(err) err = ERR_INIT;

	open_stand(stand);
	if (start(stand, &err) < 0)
		fail_msg("%s", err.text);
}

static void close_stand(struct stand *stand)
{
	if (stand->guest)
		stand->backend->ops->release(stand->guest);
	stand->backend->away->ops->clear(stand->backend->away, &stand->placed);
	backend_close(&stand->backend);
	free((char *)stand->spec.disk);
	free((char *)stand->spec.console);
	free((char *)stand->spec.events);
}

/* Fetches once at least. */
static enum guest_end waited(struct stand *stand)
{
	int64_t deadline = clock_ms() + WAIT_MS;
	enum guest_end end = GUEST_RUNNING;

	for (int i = 0; i < 3 && end == GUEST_RUNNING && clock_left(deadline) > 0; i++)
		end = stand->backend->ops->wait(stand->guest, 250);
	return end;
}

static void came(const char *path, const char *wanted)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	assert_int_equal(fs_read(path, 1 << 20, &text, &err), 0);
	assert_string_equal(text.s, wanted);
}

static void test_ends(void **state)
{
	struct stand stand;

	(void)state;
	open_guest(&stand);
	host_writes(".console", "one ");
	assert_int_equal(waited(&stand), GUEST_RUNNING);
	host_writes(".console", "two");
	host_writes(".events", "three");
	host_tells(VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN);
	assert_int_equal(stand.backend->ops->wait(stand.guest, WAIT_MS), GUEST_POWERED_OFF);
	came(stand.spec.console, "one two");
	came(stand.spec.events, "three");
	close_stand(&stand);
	assert_int_equal(host.destroyed, 0);
	assert_null(host_volume(".events"));
}

/* virtlogd may be behind with what the guest wrote. */
static void test_comes_late(void **state)
{
	struct stand stand;

	(void)state;
	open_guest(&stand);
	host_tells(VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN);
	assert_int_equal(stand.backend->ops->wait(stand.guest, 1500), GUEST_RUNNING);
	host_writes(".console", "last words");
	assert_int_equal(stand.backend->ops->wait(stand.guest, WAIT_MS), GUEST_POWERED_OFF);
	came(stand.spec.console, "last words");
	close_stand(&stand);
}

/* QEMU died: what the guest wrote before that is evidence of the scenarios before. */
static void test_dies(void **state)
{
	struct stand stand;

	(void)state;
	open_guest(&stand);
	host_writes(".console", "last words");
	host_tells(VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_FAILED);
	assert_int_equal(stand.backend->ops->wait(stand.guest, WAIT_MS), GUEST_FAILED);
	came(stand.spec.console, "last words");
	close_stand(&stand);
}

/* A new log is longer than what was fetched of the old one, or shorter. Then the guest is ended: the connection lives. */
static void test_rotated(void **state)
{
	static const char line[] = "[    1.000000] a line of a kernel, which is as long as such lines are\n";

	(void)state;
	for (int lines = 1; lines < 40; lines += 38) {
		struct stand stand;

		open_guest(&stand);
		for (int i = 0; i < 8; i++)
			host_writes(".console", line);
		assert_int_equal(waited(&stand), GUEST_RUNNING);
		host_volume(".console")->size = 0;
		for (int i = 0; i < lines; i++)
			host_writes(".console", i ? line : "[    2.000000] another");
		assert_int_equal(stand.backend->ops->wait(stand.guest, WAIT_MS), GUEST_CUT);
		assert_int_equal(host.destroyed, 0);
		stand.backend->ops->stop(stand.guest);
		assert_int_equal(host.destroyed, 1);
		assert_int_equal(stand.backend->ops->wait(stand.guest, 0), GUEST_CUT);
		close_stand(&stand);
	}
}

static void test_not_fetched(void **state)
{
	struct stand stand;

	(void)state;
	open_guest(&stand);
	host.refuse_download = true;
	assert_int_equal(stand.backend->ops->wait(stand.guest, WAIT_MS), GUEST_LOST);
	close_stand(&stand);
	assert_int_equal(host.destroyed, 1);
}

/* libvirtd was restarted: QEMU lives, and what was asked of the old one is not done. */
static void test_survives(void **state)
{
	struct stand stand;

	(void)state;
	open_guest(&stand);
	host.survives = host.deaf = true;
	host.closed((virConnectPtr)&a_connection, VIR_CONNECT_CLOSE_REASON_EOF, host.closed_arg);
	assert_int_equal(stand.backend->ops->wait(stand.guest, WAIT_MS), GUEST_LOST);
	close_stand(&stand);
	assert_int_equal(host.connects, 2);
	assert_int_equal(host.destroyed, 1);
	assert_null(host_volume(".events"));
}

/* A guest whose second serial cannot be had. */
static void test_half_attached(void **state)
{
	struct stand stand;
	AUTO(err) err = ERR_INIT;

	(void)state;
	open_stand(&stand);
	host.refuse_serial = true;
	assert_int_equal(start(&stand, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_int_equal(host.destroyed, 1);
	close_stand(&stand);
}

/* What cannot be made again whole is made again. */
static void test_half_connected(void **state)
{
	struct stand stand;
	struct backend_away *away;
	AUTO(err) err = ERR_INIT;

	(void)state;
	open_stand(&stand);
	away = stand.backend->away;
	host.closed((virConnectPtr)&a_connection, VIR_CONNECT_CLOSE_REASON_EOF, host.closed_arg);
	host.refuse_pool = true;
	assert_int_equal(away->ops->place(away, &stand.spec, &stand.placed, &err), -1);
	assert_int_equal(host.connects, 2);
	host.refuse_pool = false;
	err_release(&err);
	/* at once nobody tries again */
	assert_int_equal(away->ops->place(away, &stand.spec, &stand.placed, &err), -1);
	assert_int_equal(host.connects, 2);
	clock_sleep(5100);
	err_release(&err);
	assert_int_equal(away->ops->place(away, &stand.spec, &stand.placed, &err), 0);
	assert_int_equal(err.kind, ERR_NONE);
	assert_int_equal(host.connects, 3);
	close_stand(&stand);
}

static size_t answers_kept(void)
{
	AUTO(strv) names = STRV_INIT;
	AUTO(err) err = ERR_INIT;
	size_t n = 0;

	assert_int_equal(fs_list(folder, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++)
		n += str_starts(names.v[i], "kvm-away-");
	return n;
}

/* What is no answer about KVM is not kept as one. */
static void test_probe(void **state)
{
	struct stand stand;
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *fault = NULL;

	(void)state;
	open_stand(&stand);
	host.refuse_download = true;
	assert_int_equal(
	    accelerator_probe_away(stand.backend, "lab1", &x86, "/usr/bin/qemu", folder, &fault, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_null(fault);
	assert_int_equal(answers_kept(), 0);
	err_release(&err);
	host.refuse_download = false;
	host.refuse_guest = true;
	assert_int_equal(
	    accelerator_probe_away(stand.backend, "lab1", &x86, "/usr/bin/qemu", folder, &fault, &err), 0);
	assert_non_null(fault);
	assert_int_equal(answers_kept(), 1);
	close_stand(&stand);
}

/* Ctrl-C ends the ssh that connects, too. */
static void test_called_off(void **state)
{
	static const atomic_bool called_off = true;
	struct stand stand;
	struct backend_away *away;
	AUTO(err) err = ERR_INIT;

	(void)state;
	open_stand(&stand);
	away = stand.backend->away;
	host.dead = true;
	assert_int_equal(away->ops->place(away, &stand.spec, &stand.placed, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	err_release(&err);
	supervise_thread(&called_off);
	assert_int_equal(away->ops->place(away, &stand.spec, &stand.placed, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	host.closed((virConnectPtr)&a_connection, VIR_CONNECT_CLOSE_REASON_EOF, host.closed_arg);
	host.refuse_connection = true;
	assert_int_equal(away->ops->place(away, &stand.spec, &stand.placed, &err), -1);
	assert_int_equal(err.kind, ERR_INTERRUPTED);
	supervise_thread(NULL);
	close_stand(&stand);
}

static void test_disk(void **state)
{
	struct stand stand;

	(void)state;
	open_guest(&stand);
	assert_non_null(strstr(host.disk_xml, "<compat>1.1</compat>"));
	assert_non_null(strstr(host.disk_xml, "<backingStore><path>/there</path>"));
	close_stand(&stand);
}

/* A hole goes as one; but only ENXIO says that there is no data any more. */
static void test_upload(void **state)
{
	static struct volume volume = { .there = true };
	AUTO_FREE char *file = new_file("file", "data"), *fifo = path_join(folder, "fifo");
	AUTO_CLOSE int writer = -1;
	AUTO(err) err = ERR_INIT;
	struct link link;
	int64_t pause;

	(void)state;
	link_init(&link);
	assert_int_equal(truncate(file, 1 << 20), 0);
	assert_int_equal(upload_file(&link, (virStorageVolPtr)&volume, file, 1 << 20, &pause, &err), 0);
	assert_int_equal(volume.size, 1 << 20);
	assert_true(host.holes > 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	writer = open(fifo, O_RDWR | O_CLOEXEC);
	assert_int_equal(upload_file(&link, (virStorageVolPtr)&volume, fifo, 1 << 20, &pause, &err), -1);
	assert_int_equal(err.kind, ERR_HOST);
	assert_int_equal(host.holes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),	      cmocka_unit_test(test_dies),
		cmocka_unit_test(test_rotated),	      cmocka_unit_test(test_not_fetched),
		cmocka_unit_test(test_half_attached), cmocka_unit_test(test_half_connected),
		cmocka_unit_test(test_probe),	      cmocka_unit_test(test_disk),
		cmocka_unit_test(test_upload),	      cmocka_unit_test(test_called_off),
		cmocka_unit_test(test_comes_late),    cmocka_unit_test(test_survives),
	};

	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
