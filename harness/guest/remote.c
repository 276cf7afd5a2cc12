#include "guest/remote.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/host.h"
#include "base/supervisor.h"
#include "guest/accelerator.h"
#include "guest/capabilities.h"
#include "guest/pool_storage.h"

/* What a trial has of its own there. */
#define DISK	"qcow2"
#define CONSOLE "console"
#define EVENTS	"events"

struct remote {
	struct backend_away base;
	struct backend *backend; /* whose it is */
	int (*connect)(struct backend *backend, struct err *err);
	struct link *link;
	char *name, *described;	  /* the host's */
	pthread_mutex_t lock;	  /* guards what follows */
	struct storage **storage; /* one for each connection; the last is this one's */
	size_t n;
	pthread_mutex_t probing; /* guards what follows */
	struct strv trusted;	 /* architectures whose guests KVM runs */
	struct strv failed;	 /* "ARCH: what was wrong" */
};

/* ctrl-C ends the ssh that connects, too: what failed then has been interrupted. -1. */
static int failed(struct remote *remote, struct err *err)
{
	if (err->kind == ERR_HOST && virConnectIsAlive(link_conn(remote->link, NULL)) != 1 &&
	    supervise_called_off())
		err_set(err, ERR_INTERRUPTED, "interrupted while %s was asked", remote->name);
	return -1;
}

/* --- what guests find there ------------------------------------------------------------------------------- */

/* The capabilities of domains of that kind, "kvm" or "qemu". NULL: it has none, and libvirt's last error says why. */
static char *ask_capabilities(struct remote *remote, const struct arch *arch, const char *kind)
{
	struct link_call call;
	char *xml;

	link_begin(remote->link, &call, "asking for the abilities of QEMU");
	xml = virConnectGetDomainCapabilities(link_conn(remote->link, NULL), NULL, arch->domain_arch,
					      arch->machine, kind, 0);
	link_end(remote->link, &call);
	return xml;
}

/* What was wrong with KVM; NULL: nothing so far. */
static const char *known_fault(struct remote *remote, const struct arch *arch)
{
	size_t n = strlen(arch->name);

	for (size_t i = 0; i < remote->failed.n; i++)
		if (str_starts(remote->failed.v[i], arch->name) && remote->failed.v[i][n] == ':')
			return remote->failed.v[i] + n + 2;
	return NULL;
}

/* As its own --version begins. libvirt tells of one QEMU alone, that of the host's own architecture. */
static char *version_of(struct remote *remote)
{
	unsigned long n = 0;
	struct link_call call;
	int status;

	link_begin(remote->link, &call, "asking for QEMU's version");
	status = virConnectGetVersion(link_conn(remote->link, NULL), &n);
	link_end(remote->link, &call);
	if (status < 0)
		return xstrdup("QEMU emulator of unknown version");
	return xasprintf("QEMU emulator version %lu.%lu.%lu", n / 1000000, n / 1000 % 1000, n % 1000);
}

/* What answers about KVM hang on. */
static char *where(struct remote *remote)
{
	AUTO_FREE char *version = version_of(remote);

	return xasprintf("%s, %s", remote->described, version);
}

static void distrust(struct backend_away *away, const struct arch *arch, const char *cache_dir,
		     const char *reason)
{
	struct remote *remote = (struct remote *)away;
	AUTO_FREE char *here = where(remote);

	accelerator_distrust_away(here, arch, cache_dir, reason);
	pthread_mutex_lock(&remote->probing);
	strv_addf(&remote->failed, "%s: %s", arch->name, reason);
	pthread_mutex_unlock(&remote->probing);
}

/* With the lock held. That libvirt offers it is no proof that guests run. ERR_HOST, ERR_INTERRUPTED: nobody knows. */
static int probe_kvm(struct remote *remote, const struct arch *arch, const char *xml, const char *cache_dir,
		     struct err *err)
{
	AUTO_FREE char *emulator = capabilities_emulator(xml, err), *fault = NULL, *here = where(remote);

	if (!emulator ||
	    accelerator_probe_away(remote->backend, here, arch, emulator, cache_dir, &fault, err) < 0)
		return -1;
	if (fault)
		strv_addf(&remote->failed, "%s: %s", arch->name, fault);
	else
		strv_add(&remote->trusted, arch->name);
	return 0;
}

/* *fault: why KVM is not used. NULL: it can be, and *xml are its capabilities. */
static int kvm_fault(struct remote *remote, const struct arch *arch, const char *cache_dir, char **fault,
		     char **xml, struct err *err)
{
	AUTO_FREE char *offered = ask_capabilities(remote, arch, "kvm");
	AUTO(err) reason = ERR_INIT;
	const char *known;
	int status = 0;

	if (!offered) {
		link_error(&reason, "no KVM");
		*fault = xstrdup(reason.text);
		return 0;
	}
	pthread_mutex_lock(&remote->probing);
	if (!known_fault(remote, arch) && !strv_has(&remote->trusted, arch->name))
		status = probe_kvm(remote, arch, offered, cache_dir, err);
	known = known_fault(remote, arch);
	*fault = known ? xstrdup(known) : NULL;
	pthread_mutex_unlock(&remote->probing);
	if (status == 0 && !*fault)
		*xml = steal_pointer(&offered);
	return status;
}

static int choose(struct remote *remote, const struct arch *arch, const char *wanted, const char *cache_dir,
		  struct backend_machine *out, char **xml, struct err *err)
{
	AUTO_FREE char *fault = str_eq(wanted, "tcg") ? xstrdup("as asked") : NULL;

	if (!fault && kvm_fault(remote, arch, cache_dir, &fault, xml, err) < 0)
		return -1;
	out->accelerator = fault ? "tcg" : "kvm";
	if (fault && str_eq(wanted, "kvm"))
		return err_set(err, ERR_HOST,
			       "KVM does not work for %s on %s: %s; use --set accelerator=tcg or auto",
			       arch->name, remote->name, fault);
	if (fault)
		*xml = ask_capabilities(remote, arch, "qemu");
	if (!*xml) {
		link_error(err, arch->emulator);
		return err_wrap(err, "%s cannot run guests of %s ('apt-get install %s' there)", remote->name,
				arch->name, arch->package);
	}
	out->why = fault
		       ? steal_pointer(&fault)
		       : xstrdup(str_eq(arch->name, "x86_64") ? "a probe guest ran" : "its libvirt says so");
	return 0;
}

static int look(struct backend_away *away, const struct arch *arch, const char *wanted, const char *cache_dir,
		struct backend_machine *out, struct err *err)
{
	struct remote *remote = (struct remote *)away;
	AUTO_FREE char *xml = NULL;

	if (remote->connect(remote->backend, err) < 0 ||
	    choose(remote, arch, wanted, cache_dir, out, &xml, err) < 0)
		return failed(remote, err);
	out->emulator = capabilities_emulator(xml, err);
	if (!out->emulator)
		return err_wrap(err, "%s", remote->name);
	out->version = version_of(remote);
	out->host = xstrdup(remote->described);
	return 0;
}

/* --- its storage ------------------------------------------------------------------------------------------ */

static struct storage *storage_of(struct remote *remote)
{
	struct storage *storage;

	pthread_mutex_lock(&remote->lock);
	storage = remote->storage[remote->n - 1];
	pthread_mutex_unlock(&remote->lock);
	return storage;
}

static int take_storage(struct remote *remote, struct err *err)
{
	struct storage *storage;

	if (storage_open(remote->link, remote->name, &storage, err) < 0)
		return -1;
	pthread_mutex_lock(&remote->lock);
	remote->storage = xreallocarray(remote->storage, remote->n + 1, sizeof(struct storage *));
	remote->storage[remote->n++] = storage;
	pthread_mutex_unlock(&remote->lock);
	return 0;
}

/* --- what they boot from ---------------------------------------------------------------------------------- */

static int make_own(struct storage *storage, const struct domain_spec *spec, const char *base, uint64_t size,
		    struct backend_placed *placed, struct err *err)
{
	return storage_make(storage, spec->name, DISK, base, size, &placed->disk, err) < 0 ||
		       storage_make(storage, spec->name, CONSOLE, NULL, 0, &placed->console, err) < 0 ||
		       storage_make(storage, spec->name, EVENTS, NULL, 0, &placed->events, err) < 0
		   ? -1
		   : 0;
}

static int place(struct backend_away *away, const struct domain_spec *spec, struct backend_placed *placed,
		 struct err *err)
{
	struct remote *remote = (struct remote *)away;
	struct storage *storage;
	AUTO_FREE char *base = NULL;
	struct stat st;

	placed->spec = *spec;
	placed->spec.away = true;
	if (stat(spec->disk, &st) < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", spec->disk);
	if (remote->connect(remote->backend, err) < 0)
		return -1;
	storage = storage_of(remote);
	if ((spec->kernel && (storage_push(storage, spec->kernel, &placed->kernel, err) < 0 ||
			      storage_push(storage, spec->initrd, &placed->initrd, err) < 0)) ||
	    storage_push(storage, spec->disk, &base, err) < 0 ||
	    make_own(storage, spec, base, (uint64_t)st.st_size, placed, err) < 0)
		return failed(remote, err);
	placed->spec.kernel = placed->kernel;
	placed->spec.initrd = placed->initrd;
	placed->spec.disk = placed->disk;
	placed->spec.console = placed->console;
	placed->spec.events = placed->events;
	return 0;
}

int remote_serials(struct backend_away *away, const struct domain_spec *spec, struct serial **console,
		   struct serial **events, struct err *err)
{
	struct storage *storage = storage_of((struct remote *)away);

	*console = storage_serial(storage, spec->name, CONSOLE, spec->console, err);
	*events = *console ? storage_serial(storage, spec->name, EVENTS, spec->events, err) : NULL;
	return *events ? 0 : -1;
}

static void clear(struct backend_away *away, struct backend_placed *placed)
{
	static const char *const own[] = { DISK, CONSOLE, EVENTS };
	struct remote *remote = (struct remote *)away;
	AUTO(err) for_the_next = ERR_INIT; /* who connects, and removes it */

	if (placed->disk && remote->connect(remote->backend, &for_the_next) == 0) {
		/* Over a connection that was lost it could not be ended, and without volumes no sweep knows of it. */
		storage_end_guest(storage_of(remote), placed->spec.name);
		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			storage_remove(storage_of(remote), placed->spec.name, own[i]);
	}
	free(placed->kernel);
	free(placed->initrd);
	free(placed->disk);
	free(placed->console);
	free(placed->events);
	*placed = (struct backend_placed){ .kernel = NULL };
}

/* --- how much there is ------------------------------------------------------------------------------------ */

/* MiB that guests can have: what is free, and what the host would give up for them. */
static uint64_t memory_of(virConnectPtr conn)
{
	const int all = VIR_NODE_MEMORY_STATS_ALL_CELLS;
	virNodeMemoryStats stats[16];
	uint64_t kib = 0;
	int n = 0;

	/* How many there are is asked for first: no other number is taken. */
	if (virNodeGetMemoryStats(conn, all, NULL, &n, 0) < 0 || n > (int)ARRAY_SIZE(stats) ||
	    virNodeGetMemoryStats(conn, all, stats, &n, 0) < 0)
		return 0;
	for (int i = 0; i < n; i++)
		if (!str_eq(stats[i].field, VIR_NODE_MEMORY_STATS_TOTAL))
			kib += stats[i].value;
	return kib / 1024;
}

static int measure(struct backend_away *away, struct backend_size *size, struct err *err)
{
	struct remote *remote = (struct remote *)away;
	virNodeInfo node;
	struct link_call call;
	int status;

	link_begin(remote->link, &call, "asking for cores and memory");
	status = virNodeGetInfo(link_conn(remote->link, NULL), &node);
	size->memory = status < 0 ? 0 : memory_of(link_conn(remote->link, NULL));
	link_end(remote->link, &call);
	if (status < 0)
		return link_error(err, remote->name);
	size->cores = node.cpus;
	size->pool = STORAGE_POOL;
	return storage_room(storage_of(remote), &size->room, err);
}

/* --- its life --------------------------------------------------------------------------------------------- */

/* As records have it. */
static int describe_host(struct remote *remote, struct err *err)
{
	virNodeInfo node = { .model = "" };
	unsigned long n = 0;
	AUTO_FREE char *system = NULL;
	struct link_call call;

	link_begin(remote->link, &call, "asking for the host's name");
	remote->name = virConnectGetHostname(link_conn(remote->link, NULL));
	virNodeGetInfo(link_conn(remote->link, NULL), &node);
	virConnectGetLibVersion(link_conn(remote->link, NULL), &n);
	link_end(remote->link, &call);
	if (!remote->name)
		return link_error(err, "the host's name");
	system =
	    xasprintf("%s behind libvirt %lu.%lu.%lu", node.model, n / 1000000, n / 1000 % 1000, n % 1000);
	remote->described = host_describe_as(remote->name, system);
	return 0;
}

int remote_open(struct link *link, struct backend *backend,
		int (*connect)(struct backend *backend, struct err *err), struct err *err)
{
	static const struct backend_away_ops ops = { look, distrust, place, clear, measure };
	struct remote *remote = xcalloc(1, sizeof(*remote));

	remote->base.ops = &ops;
	remote->backend = backend;
	remote->connect = connect;
	remote->link = link;
	pthread_mutex_init(&remote->lock, NULL);
	pthread_mutex_init(&remote->probing, NULL);
	backend->away = &remote->base;
	if (describe_host(remote, err) == 0 && take_storage(remote, err) == 0)
		return 0;
	remote_close(backend->away);
	backend->away = NULL;
	return -1;
}

int remote_open_again(struct backend_away *away, struct err *err)
{
	return take_storage((struct remote *)away, err);
}

void remote_close(struct backend_away *away)
{
	struct remote *remote = (struct remote *)away;

	if (!remote)
		return;
	for (size_t i = 0; i < remote->n; i++)
		storage_close(remote->storage[i]);
	free(remote->storage);
	strv_release(&remote->trusted);
	strv_release(&remote->failed);
	free(remote->name);
	free(remote->described);
	pthread_mutex_destroy(&remote->lock);
	pthread_mutex_destroy(&remote->probing);
	free(remote);
}
