#include "guest/accelerator.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/supervisor.h"

#define PROBE_MS      3000
#define PROBE_AWAY_MS 20000 /* with all that goes back and forth, to a host that may be busy */
#define PROBE_TICK_MS 500
#define PROBE_TIMES   5
#define AWAY_S	      86400
#define PROBE_SIZE    (1 << 20) /* the firmware boots from no smaller disk */
#define PROBE_OK      33 /* what QEMU exits with when 0x10 is written to isa-debug-exit: 0x10 << 1 | 1 */

/* mov dx,0xf4; mov al,0x10; out dx,al: leaves where there is an isa-debug-exit; mov dx,0x604; mov ax,0x2000; out dx,ax:
 * powers off, as ACPI does on q35; hlt; jmp to hlt */
static const unsigned char boot_code[] = { 0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xba, 0x04,
					   0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4, 0xeb, 0xfd };

static int write_probe(const char *path, struct err *err)
{
	AUTO_FREE unsigned char *disk = xcalloc(1, PROBE_SIZE);

	memcpy(disk, boot_code, sizeof(boot_code));
	disk[510] = 0x55;
	disk[511] = 0xaa;
	return fs_write_atomic(path, disk, PROBE_SIZE, err);
}

/* Boots the probe under KVM. Returns what is wrong, or NULL; the caller's to free(). *sure: that is no chance. */
static char *probe_fault(const struct arch *arch, const char *image, bool *sure)
{
	AUTO_FREE char *drive = xasprintf("if=none,id=disk,format=raw,snapshot=on,file=%s", image);
	const char *const argv[] = { arch->emulator,
				     "-machine",
				     "q35",
				     "-accel",
				     "kvm",
				     "-cpu",
				     "host",
				     "-m",
				     "64",
				     "-nodefaults",
				     "-no-user-config",
				     "-display",
				     "none",
				     "-device",
				     "isa-debug-exit,iobase=0xf4,iosize=1",
				     "-drive",
				     drive,
				     "-device",
				     "ide-hd,drive=disk",
				     NULL };
	struct child child = { .argv = argv, .timeout_ms = PROBE_MS };
	AUTO(child_result) res = CHILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	*sure = child_run(&child, &res, &err) == 0;
	if (!*sure)
		return xstrdup(err.text);
	if (res.timed_out)
		return xasprintf("/dev/kvm opens, but a probe guest hung for %d s", PROBE_MS / 1000);
	if (res.status == PROBE_OK)
		return NULL;
	return xasprintf("/dev/kvm opens, but QEMU ended with status %d: %.*s", res.status,
			 (int)strcspn(res.err.s, "\n"), res.err.s);
}

/* What the end of a probe guest says; -1: nothing. */
static int judge_probe(enum guest_end end, char **fault, struct err *err)
{
	if (supervise_interrupted())
		return err_set(err, ERR_INTERRUPTED, "interrupted while KVM was probed");
	if (end == GUEST_LOST || end == GUEST_CUT)
		return err_set(err, ERR_HOST, "the connection was lost while KVM was probed");
	if (end != GUEST_POWERED_OFF)
		*fault = xasprintf("libvirt offers it, but a probe guest %s",
				   end == GUEST_RUNNING ? "hung" : "died");
	return 0;
}

/* A host that does not start the probe says so of KVM, if it says anything. */
static int start_probe(struct backend *backend, const struct domain_spec *spec,
		       const struct backend_placed *placed, struct guest **guest, char **fault,
		       struct err *err)
{
	AUTO(err) refusal = ERR_INIT;
	AUTO(buf) xml = BUF_INIT;
	struct backend_size size;

	domain_xml(&placed->spec, &xml);
	if (backend->ops->start(backend, spec, xml.s, guest, &refusal) == 0)
		return 0;
	if (backend->away->ops->measure(backend->away, &size, err) < 0)
		return -1;
	*fault = xstrdup(refusal.text);
	return 0;
}

static enum guest_end watch_probe(const struct backend_ops *ops, struct guest *guest)
{
	int64_t deadline = clock_ms() + PROBE_AWAY_MS;
	enum guest_end end;

	while ((end = ops->wait(guest, PROBE_TICK_MS)) == GUEST_RUNNING && clock_left(deadline) > 0 &&
	       !supervise_interrupted())
		;
	return end;
}

/* As probe_fault(), through a back end. -1: there is no answer. */
static int probe_away(struct backend *backend, const struct domain_spec *spec, char **fault, struct err *err)
{
	struct backend_away *away = backend->away;
	struct backend_placed placed = { .kernel = NULL };
	struct guest *guest = NULL;
	int status = away->ops->place(away, spec, &placed, err);

	if (status == 0)
		status = start_probe(backend, spec, &placed, &guest, fault, err);
	if (guest) {
		status = judge_probe(watch_probe(backend->ops, guest), fault, err);
		backend->ops->release(guest);
	}
	away->ops->clear(away, &placed);
	return status;
}

/* Names what the answer hangs on: this boot of the host, this QEMU. */
static char *answer_path(const struct arch *arch, const char *cache_dir)
{
	const char *const argv[] = { arch->emulator, "--version", NULL };
	struct child child = { .argv = argv, .timeout_ms = PROBE_MS };
	AUTO(child_result) version = CHILD_RESULT_INIT;
	AUTO(err) ignored = ERR_INIT;
	AUTO(buf) boot = BUF_INIT;
	AUTO_FREE char *hash = NULL;

	child_run(&child, &version, &ignored);
	fs_read("/proc/sys/kernel/random/boot_id", 64, &boot, &ignored);
	buf_add(&boot, version.out.s, version.out.len);
	hash = hash_bytes(boot.s, boot.len);
	return xasprintf("%s/kvm-%.16s", cache_dir, hash);
}

static char *probe_faults(const struct arch *arch, const char *image, bool *sure)
{
	char *fault = NULL;

	for (int i = 0; i < PROBE_TIMES && !fault; i++)
		fault = probe_fault(arch, image, sure);
	return fault;
}

/* What the cache knows: *fault, or NULL. */
static bool is_known(const char *answer, char **fault)
{
	AUTO(err) ignored = ERR_INIT;
	AUTO(buf) text = BUF_INIT;

	if (fs_read(answer, 4096, &text, &ignored) < 0)
		return false;
	*fault = text.len ? buf_steal(&text) : NULL;
	return true;
}

/* Asks the cache, else the probe. Returns what is wrong with KVM, or NULL. */
static char *kvm_fault(const struct arch *arch, const char *cache_dir)
{
	AUTO_FREE char *answer = NULL;
	AUTO_FREE char *image = path_join(cache_dir, "kvm-probe.img");
	AUTO_FREE char *fault = NULL;
	AUTO(err) err = ERR_INIT;
	AUTO_CLOSE int lock = -1;
	struct utsname host;
	bool sure;

	if (uname(&host) < 0 || !str_eq(host.machine, arch->name))
		return xasprintf("the host is no %s", arch->name);
	if (!str_eq(arch->name, "x86_64"))
		return xasprintf("there is no probe for KVM on %s yet; --set accelerator=tcg is what works",
				 arch->name);
	if (access("/dev/kvm", R_OK | W_OK) < 0)
		return xasprintf("/dev/kvm cannot be opened: %s", strerror(errno));
	answer = answer_path(arch, cache_dir);
	if (is_known(answer, &fault))
		return steal_pointer(&fault);
	lock = fs_lock_folder(cache_dir, &err);
	if (lock >= 0 && is_known(answer, &fault)) /* another one has found out meanwhile */
		return steal_pointer(&fault);
	if (lock < 0 || write_probe(image, &err) < 0)
		return xstrdup(err.text);
	fault = probe_faults(arch, image, &sure);
	if (sure)
		fs_write_atomic(answer, fault ? fault : "", fault ? strlen(fault) : 0, &err);
	return steal_pointer(&fault);
}

int accelerator_choose(const struct arch *arch, const char *wanted, const char *cache_dir,
		       const char **accelerator, char **why, struct err *err)
{
	AUTO_FREE char *fault = NULL;
	char *reason;

	*accelerator = "tcg";
	if (str_eq(wanted, "tcg")) {
		reason = xstrdup("as asked");
	} else {
		fault = kvm_fault(arch, cache_dir);
		if (fault && str_eq(wanted, "kvm"))
			return err_set(err, ERR_HOST,
				       "KVM does not work for %s: %s; use --set accelerator=tcg or auto",
				       arch->name, fault);
		if (!fault)
			*accelerator = "kvm";
		reason = fault ? steal_pointer(&fault) : xstrdup("a probe guest ran");
	}
	if (why)
		*why = reason;
	else
		free(reason);
	return 0;
}

void accelerator_distrust(const struct arch *arch, const char *cache_dir, const char *reason)
{
	AUTO_FREE char *answer = answer_path(arch, cache_dir);
	AUTO(err) ignored = ERR_INIT; /* then it is found out again */
	AUTO_CLOSE int lock = fs_lock_folder(cache_dir, &ignored);

	if (lock >= 0)
		fs_write_atomic(answer, reason, strlen(reason), &ignored);
}

/* An answer about another host hangs on what that is called; it may have booted since. */
static char *answer_away(const char *where, const struct arch *arch, const char *cache_dir)
{
	AUTO_FREE char *name = xasprintf("%s, %s", where, arch->name), *hash = NULL;

	hash = hash_bytes(name, strlen(name));
	return xasprintf("%s/kvm-away-%.16s", cache_dir, hash);
}

static bool is_fresh(const char *answer)
{
	struct stat st;

	return stat(answer, &st) == 0 && time(NULL) - st.st_mtime < AWAY_S;
}

static int probe_faults_away(struct backend *backend, const struct arch *arch, const char *emulator,
			     const char *image, char **fault, struct err *err)
{
	AUTO_FREE char *name = xasprintf("qb-probe-%d-%lld", (int)getpid(), (long long)clock_ms());
	struct domain_spec spec = { .arch = arch,
				    .name = name,
				    .accelerator = "kvm",
				    .firmware = "",
				    .smp = 1,
				    .memory_mib = 64,
				    .logical_block = 512,
				    .emulator = emulator,
				    .disk = image,
				    .console = "/dev/null",
				    .events = "/dev/null" };
	int status = 0;

	for (int i = 0; i < PROBE_TIMES && status == 0 && !*fault; i++)
		status = probe_away(backend, &spec, fault, err);
	return status;
}

int accelerator_probe_away(struct backend *backend, const char *where, const struct arch *arch,
			   const char *emulator, const char *cache_dir, char **fault, struct err *err)
{
	AUTO_FREE char *image = path_join(cache_dir, "kvm-probe.img");
	AUTO_FREE char *answer = answer_away(where, arch, cache_dir);
	AUTO(err) ignored = ERR_INIT; /* then it is found out again */

	if ((is_fresh(answer) && is_known(answer, fault)) || !str_eq(arch->name, "x86_64"))
		return 0;
	if (fs_mkdirs(cache_dir, err) < 0 || write_probe(image, err) < 0 ||
	    probe_faults_away(backend, arch, emulator, image, fault, err) < 0)
		return -1;
	fs_write_atomic(answer, *fault ? *fault : "", *fault ? strlen(*fault) : 0, &ignored);
	return 0;
}

void accelerator_distrust_away(const char *where, const struct arch *arch, const char *cache_dir,
			       const char *reason)
{
	AUTO_FREE char *answer = answer_away(where, arch, cache_dir);
	AUTO(err) ignored = ERR_INIT; /* then it is found out again */

	fs_write_atomic(answer, reason, strlen(reason), &ignored);
}

bool accelerator_may_run_stale_code(const struct arch *arch, const char *accelerator, const char *version)
{
	unsigned major, minor;

	return str_eq(accelerator, "tcg") && str_eq(arch->name, "x86_64") &&
	       sscanf(version, "QEMU emulator version %u.%u", &major, &minor) == 2 &&
	       (major < 8 || (major == 8 && minor == 0));
}
