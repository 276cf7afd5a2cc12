#include <sys/utsname.h>

#include "base/child.h"
#include "base/progress.h"
#include "campaign/setup.h"
#include "cmd.h"
#include "config/json.h"
#include "guest/accelerator.h"

#define ROOM_MIB 1024 /* for a guest, and for a kernel and a disk with what is written to it */

static bool json;
static const char *connect_uri;

static const struct opt options[] = {
	CMD_OPT_CONNECT(&connect_uri),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

/* One line of the answer. */
struct finding {
	char *what, *text;
	bool ok;
};

struct doctor {
	struct finding *v;
	size_t n, cap;
};

static void doctor_release(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->n; i++) {
		free(doctor->v[i].what);
		free(doctor->v[i].text);
	}
	free(doctor->v);
}
AUTO_DEFINE(doctor, struct doctor, doctor_release);

static void add(struct doctor *doctor, bool ok, const char *what, const char *text)
{
	GROW(doctor->v, doctor->n, doctor->cap);
	doctor->v[doctor->n++] = (struct finding){ xstrdup(what), xstrdup(text), ok };
}

/* A program that must be there: runs it with --version or -V. */
static void check_program(struct doctor *doctor, const char *program, const char *option, const char *package)
{
	const char *const argv[] = { program, option, NULL };
	struct child child = { .argv = argv, .timeout_ms = 10000 };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *text = NULL;

	if (child_run(&child, &res, &err) < 0 || res.status == 127)
		text = xasprintf("missing: apt-get install %s", package);
	else
		text = xasprintf("%.*s", (int)strcspn(res.out.len ? res.out.s : res.err.s, "\n"),
				 res.out.len ? res.out.s : res.err.s);
	add(doctor, !str_starts(text, "missing"), program, text);
}

/* QEMU, the guest binary and the accelerator for one architecture. */
static void check_arch(struct doctor *doctor, const struct arch *arch, const char *cache)
{
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *init = NULL, *why = NULL, *text = NULL, *what = xasprintf("%s guests", arch->name);
	const char *accelerator;

	check_program(doctor, arch->emulator, "--version", arch->package);
	init = setup_init(arch->name, &err);
	if (!init || accelerator_choose(arch, "auto", cache, &accelerator, &why, &err) < 0) {
		add(doctor, false, what, err.text);
		return;
	}
	text = xasprintf("auto will use %s: %s", accelerator, why);
	add(doctor, true, what, text);
}

/* NULL: not connected. */
static struct backend *backend_of(const struct setup *setup)
{
	return setup->hosts && setup->hosts->n ? setup->hosts->v[0].backend : NULL;
}

/* What another host has for guests of an architecture. It need not run each. Returns whether it can. */
static bool check_arch_away(struct doctor *doctor, const struct arch *arch, struct setup *setup)
{
	struct backend_away *away = backend_of(setup)->away;
	AUTO(backend_machine) machine = { .accelerator = NULL };
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *init = NULL, *text = NULL, *what = xasprintf("%s guests", arch->name);

	progress_live("doctor: asking for %s guests", arch->name);
	if (away->ops->look(away, arch, "auto", setup->made, &machine, &err) < 0) {
		add(doctor, true, what, err.text);
		return false;
	}
	init = setup_init(arch->name, &err);
	text = init ? xasprintf("%s, auto will use %s: %s", machine.version, machine.accelerator, machine.why)
		    : xstrdup(err.text);
	add(doctor, init != NULL, what, text);
	return init != NULL;
}

/* Cores and memory of another host, and where it keeps what guests boot from. */
static void check_size(struct doctor *doctor, struct setup *setup)
{
	const struct runtime *runtime = setup->runtime;
	struct backend_away *away = backend_of(setup)->away;
	struct backend_size size;
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *slots = NULL, *room = NULL;

	if (away->ops->measure(away, &size, &err) < 0) {
		add(doctor, false, "storage", err.text);
		return;
	}
	slots =
	    xasprintf("%u cores, %llu MiB to be had: %u guests at a time, together %llu MiB%s", size.cores,
		      (unsigned long long)size.memory, runtime->slots, (unsigned long long)runtime->memory,
		      runtime->memory < ROOM_MIB ? "; end something there" : "");
	room =
	    xasprintf("pool '%s' has room for %llu MiB%s", size.pool, (unsigned long long)(size.room >> 20),
		      size.room >> 20 < ROOM_MIB ? ", too little: remove volumes that nobody needs" : "");
	add(doctor, runtime->memory >= ROOM_MIB, "slots", slots);
	add(doctor, size.room >> 20 >= ROOM_MIB, "storage", room);
}

static void check_arches(struct doctor *doctor, struct setup *setup)
{
	bool away = backend_of(setup) && backend_of(setup)->away, any = false;

	for (const struct arch *arch = arch_rows; arch->name; arch++) {
		if (!away)
			check_arch(doctor, arch, setup->made);
		else if (check_arch_away(doctor, arch, setup))
			any = true;
	}
	if (away && !any)
		add(doctor, false, "guests", "that host can run none, see above: install QEMU there");
}

static void check_libvirt(struct doctor *doctor, struct setup *setup)
{
	AUTO(err) err = ERR_INIT;
	AUTO(buf) text = BUF_INIT;

	progress_live("doctor: asking libvirt (the first time takes up to a minute)");
	if (setup_connect(setup, connect_uri, NULL, &err) < 0) {
		add(doctor, false, "libvirt", err.text);
		return;
	}
	backend_of(setup)->ops->describe(backend_of(setup), &text);
	if (backend_of(setup)->away)
		buf_addf(&text, ", of the host that %s leads to", connect_uri);
	add(doctor, true, "libvirt", text.s);
}

static void print_text(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->n; i++)
		printf("%-4s %-20s %s\n", doctor->v[i].ok ? "ok" : "FAIL", doctor->v[i].what,
		       doctor->v[i].text);
}

static void print_json(const struct doctor *doctor, bool ok)
{
	AUTO(json) root = json_new_object();
	struct json_object *array;
	AUTO(buf) text = BUF_INIT;

	json_put_bool(root, "ok", ok);
	array = json_put_array(root, "checks");
	for (size_t i = 0; i < doctor->n; i++) {
		struct json_object *check = json_put_object(array, NULL);

		json_put_bool(check, "ok", doctor->v[i].ok);
		json_put_string(check, "what", doctor->v[i].what);
		json_put_string(check, "text", doctor->v[i].text);
	}
	json_write(root, JSON_PRETTY, &text);
	fputs(text.s, stdout);
}

static int work(void *arg, struct err *err)
{
	AUTO(setup) setup = SETUP_INIT;
	AUTO(doctor) doctor = { NULL, 0, 0 };
	bool ok = true;

	(void)arg;
	if (setup_open(cmd_common.home, &setup, err) < 0)
		return -1;
	check_libvirt(&doctor, &setup);
	if (backend_of(&setup) || !backend_is_away(connect_uri))
		check_arches(&doctor, &setup);
	if (backend_of(&setup) && backend_of(&setup)->away)
		check_size(&doctor, &setup);
	check_program(&doctor, "mkfs.btrfs", "--version", "btrfs-progs");
	check_program(&doctor, "mkfs.ext4", "-V", "e2fsprogs");
	check_program(&doctor, "mkfs.xfs", "-V", "xfsprogs");
	check_program(&doctor, "modprobe", "--version", "kmod");
	for (size_t i = 0; i < doctor.n; i++)
		ok = ok && doctor.v[i].ok;
	progress_clear();
	if (json)
		print_json(&doctor, ok);
	else
		print_text(&doctor);
	return ok ? 0 : 128;
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc)
		return err_set(err, ERR_USAGE, "doctor takes no '%s'", argv[0]);
	return cmd_supervise(work, NULL);
}

const struct verb cmd_doctor = {
	"doctor",
	"[--connect URI] [--json]",
	"Tells what works on this machine and what to install",
	"Boots a probe guest to see whether KVM really runs: that /dev/kvm opens is no proof. With --connect\n"
	"qemu+ssh://HOST/system it tells what HOST has: architectures, accelerator, how many guests at a time, storage.\n",
	options,
	NULL,
	run,
};
