#include "guest/pool_storage.h"

#include <libvirt/virterror.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/host.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "guest/capabilities.h"
#include "guest/domain.h"
#include "guest/upload.h"

#define POOL_FOLDER "/var/lib/libvirt/images/" STORAGE_POOL

/* A volume that has not grown for so long is not being pushed; whoever has paused for half of that may have lost it. */
#define STALL_MS 10000
#define LOOK_MS	 500
#define TRIES	 3
#define OTHERS_S 3600

#define REMOVE_MS	2000
#define REMOVE_EVERY_MS 50

/* A file whose content is known: hashing a disk for each trial takes longer than booting from it. */
struct known {
	char *file, *name;
	struct stat st;
};

struct storage {
	struct link *link;
	char *host;
	virConnectPtr conn; /* that it was opened with */
	virStoragePoolPtr pool;
	pthread_mutex_t lock; /* one push at a time; guards what follows */
	struct known *known;
	size_t n, cap;
};

/* --- the names -------------------------------------------------------------------------------------------- */

/* Where our pid means us, in eight characters. */
static char *where(void)
{
	AUTO_FREE char *name = host_of_pids(), *hash = NULL;

	hash = hash_bytes(name, strlen(name));
	return xasprintf("%.8s", hash);
}

static char *own_name(const char *domain, const char *suffix)
{
	AUTO_FREE char *here = where();

	return xasprintf("qb-%s-%d-%s.%s", here, (int)getpid(), domain, suffix);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The volume's name for a file's content, the storage's own. NULL on error. */
static const char *content_name(struct storage *storage, const char *file, const struct stat *st,
				struct err *err)
{
	AUTO_FREE char *hash = NULL;
	struct known *known = storage->known;
	size_t i = 0;

	while (i < storage->n && !str_eq(known[i].file, file))
		i++;
	if (i < storage->n && is_same(&known[i].st, st))
		return known[i].name;
	hash = hash_file(file, err);
	if (!hash)
		return NULL;
	if (i == storage->n) {
		GROW(storage->known, storage->n, storage->cap);
		storage->known[storage->n++] = (struct known){ xstrdup(file), NULL, *st };
	}
	known = &storage->known[i];
	free(known->name);
	known->name = xasprintf("qbisect-%s", hash);
	known->st = *st;
	return known->name;
}

/* --- volumes ---------------------------------------------------------------------------------------------- */

static virStorageVolPtr find_volume(struct storage *storage, const char *name)
{
	virStorageVolPtr volume;
	struct link_call call;

	link_begin(storage->link, &call, "looking for a volume");
	volume = virStorageVolLookupByName(storage->pool, name);
	link_end(storage->link, &call);
	return volume;
}

/* Takes the volume. Returns whether it could be removed. */
static bool remove_volume(struct storage *storage, virStorageVolPtr volume)
{
	struct link_call call;
	bool removed;

	link_begin(storage->link, &call, "removing a volume");
	removed = virStorageVolDelete(volume, 0) == 0;
	virStorageVolFree(volume);
	link_end(storage->link, &call);
	return removed;
}

/* Its size now; 0 as well when it is gone. */
static uint64_t size_of(struct storage *storage, virStorageVolPtr volume)
{
	virStorageVolInfo info = { .capacity = 0 };
	struct link_call call;

	link_begin(storage->link, &call, "looking at a volume");
	virStorageVolGetInfo(volume, &info);
	link_end(storage->link, &call);
	return info.capacity;
}

static virStorageVolPtr make_volume(struct storage *storage, const struct buf *xml)
{
	virStorageVolPtr volume;
	struct link_call call;

	link_begin(storage->link, &call, "making a volume");
	volume = virStorageVolCreateXML(storage->pool, xml->s, 0);
	link_end(storage->link, &call);
	return volume;
}

/* *path is free()d by the caller, as what libvirt returns is. */
static int path_of(struct storage *storage, virStorageVolPtr volume, char **path, struct err *err)
{
	struct link_call call;

	link_begin(storage->link, &call, "asking for a volume's path");
	*path = virStorageVolGetPath(volume);
	link_end(storage->link, &call);
	return *path ? 0 : link_error(err, "asking for a volume's path");
}

/* --- pushing ---------------------------------------------------------------------------------------------- */

/* *ours: nobody can have taken it for given up, and made one by the same name. */
static int fill_volume(struct storage *storage, virStorageVolPtr volume, const char *file, uint64_t size,
		       bool *ours, struct err *err)
{
	int64_t pause = 0;
	int status = upload_file(storage->link, volume, file, size, &pause, err);

	*ours = pause < STALL_MS / 2;
	if (status == 0 && size_of(storage, volume) != size)
		return err_set(err, ERR_HOST,
			       "%s did not come to %s whole: is somebody removing volumes there?",
			       path_base(file), storage->host);
	return status;
}

/* 1: somebody else has made it meanwhile. */
static int push_volume(struct storage *storage, const char *name, const char *file, uint64_t size,
		       struct err *err)
{
	AUTO(buf) xml = BUF_INIT;
	virStorageVolPtr volume;
	bool ours;

	progress_live("pushing %s to %s", path_base(file), storage->host);
	buf_addf(&xml,
		 "<volume><name>%s</name><capacity unit='bytes'>0</capacity><target><format type='raw'/>"
		 "<permissions><mode>0644</mode></permissions></target></volume>",
		 name);
	volume = make_volume(storage, &xml);
	if (!volume)
		return virGetLastErrorCode() == VIR_ERR_STORAGE_VOL_EXIST ? 1 : link_error(err, file);
	if (fill_volume(storage, volume, file, size, &ours, err) < 0) {
		if (ours)
			remove_volume(storage, volume);
		else
			virStorageVolFree(volume);
		return -1;
	}
	virStorageVolFree(volume);
	progress_step("pushed %s, %.1f MiB, to %s", path_base(file), (double)size / (1 << 20), storage->host);
	return 0;
}

/* Whether it is there whole; then *path is set. Waits while somebody pushes it, and removes what nobody does. */
static int find_whole(struct storage *storage, const char *name, uint64_t size, char **path, struct err *err)
{
	int64_t since = clock_ms();
	uint64_t seen = 0;

	for (;;) {
		virStorageVolPtr volume = find_volume(storage, name);
		uint64_t now = volume ? size_of(storage, volume) : 0;

		if (!volume)
			return 0;
		if (now == size) {
			int status = path_of(storage, volume, path, err);

			virStorageVolFree(volume);
			return status;
		}
		if (now == seen && clock_ms() - since > STALL_MS) {
			remove_volume(storage, volume);
			return 0;
		}
		virStorageVolFree(volume);
		if (supervise_interrupted())
			return err_set(err, ERR_INTERRUPTED, "interrupted while %s was awaited", name);
		since = now == seen ? since : clock_ms();
		seen = now;
		clock_sleep(LOOK_MS);
	}
}

static int push(struct storage *storage, const char *file, char **path, struct err *err)
{
	struct stat st;
	const char *name;

	if (stat(file, &st) < 0)
		return err_errno(err, ERR_HOST, "cannot read %s", file);
	name = content_name(storage, file, &st, err);
	if (!name)
		return -1;
	for (int i = 0; i < TRIES; i++)
		if (find_whole(storage, name, (uint64_t)st.st_size, path, err) < 0 ||
		    (!*path && push_volume(storage, name, file, (uint64_t)st.st_size, err) < 0))
			return -1;
		else if (*path)
			return 0;
	return err_set(err, ERR_HOST, "%s on %s is neither whole nor can it be pushed: remove that volume",
		       name, storage->host);
}

int storage_push(struct storage *storage, const char *file, char **path, struct err *err)
{
	int status;

	*path = NULL;
	pthread_mutex_lock(&storage->lock);
	status = push(storage, file, path, err);
	pthread_mutex_unlock(&storage->lock);
	return status;
}

/* --- what a trial has of its own -------------------------------------------------------------------------- */

/* What qcow2 was before 1.1 keeps no hole that is punched into it. */
static void describe_own(const char *name, const char *base, uint64_t size, struct buf *xml)
{
	buf_addf(xml, "<volume><name>%s</name><capacity unit='bytes'>%llu</capacity>", name,
		 (unsigned long long)size);
	if (!base) {
		buf_adds(xml, "<target><format type='raw'/></target></volume>");
		return;
	}
	buf_adds(xml, "<target><format type='qcow2'/><compat>1.1</compat></target><backingStore><path>");
	domain_add_escaped(xml, base);
	buf_adds(xml, "</path><format type='raw'/></backingStore></volume>");
}

int storage_make(struct storage *storage, const char *name, const char *suffix, const char *base,
		 uint64_t size, char **path, struct err *err)
{
	AUTO_FREE char *own = own_name(name, suffix);
	AUTO(buf) xml = BUF_INIT;
	virStorageVolPtr volume;
	int status;

	describe_own(own, base, size, &xml);
	volume = make_volume(storage, &xml);
	if (!volume) {
		link_error(err, own);
		return err_wrap(err, "%s cannot make it (has it qemu-img, and room in its pool '%s'?)",
				storage->host, STORAGE_POOL);
	}
	status = path_of(storage, volume, path, err);
	virStorageVolFree(volume);
	return status;
}

struct serial *storage_serial(struct storage *storage, const char *name, const char *suffix, const char *file,
			      struct err *err)
{
	AUTO_FREE char *own = own_name(name, suffix);
	virStorageVolPtr volume = find_volume(storage, own);

	if (volume)
		return serial_open(storage->link, volume, file, err);
	link_error(err, own);
	return NULL;
}

/* A download that has just ended may not be known to have. */
void storage_remove(struct storage *storage, const char *name, const char *suffix)
{
	AUTO_FREE char *own = own_name(name, suffix);
	int64_t deadline = clock_ms() + REMOVE_MS;
	virStorageVolPtr volume;

	while ((volume = find_volume(storage, own)) && !remove_volume(storage, volume) &&
	       clock_left(deadline) > 0)
		clock_sleep(REMOVE_EVERY_MS);
}

/* --- what was left ---------------------------------------------------------------------------------------- */

/* Ends the guest when it should not run; returns whether it runs. */
static bool is_running(struct storage *storage, const char *domain, bool end)
{
	struct link_call call;
	virDomainPtr dom;
	bool runs;

	link_begin(storage->link, &call, "looking for a guest");
	dom = virDomainLookupByName(storage->conn, domain);
	runs = dom && !(end && virDomainDestroy(dom) == 0);
	if (dom)
		virDomainFree(dom);
	link_end(storage->link, &call);
	return runs;
}

void storage_end_guest(struct storage *storage, const char *domain)
{
	is_running(storage, domain, true);
}

/* Seconds since it was written, by the clocks of both hosts; 0 when there is no telling. */
static int64_t age_of(struct storage *storage, virStorageVolPtr volume)
{
	struct link_call call;
	AUTO_FREE char *xml = NULL;
	int64_t written;

	link_begin(storage->link, &call, "looking at a volume");
	xml = virStorageVolGetXMLDesc(volume, 0);
	link_end(storage->link, &call);
	written = xml ? capabilities_volume_written(xml) : 0;
	return written ? time(NULL) - written : 0;
}

/* Whether it is of a trial that is no more. Whoever started it and has its pid here can be looked for; whoever did
 * elsewhere starts the guest soon. */
static bool is_left(struct storage *storage, virStorageVolPtr volume)
{
	AUTO_FREE char *here = where();
	char there[9], domain[64], suffix[16];
	int pid;

	if (sscanf(virStorageVolGetName(volume), "qb-%8[0-9a-f]-%d-%63[a-zA-Z0-9-].%15[a-z0-9]", there, &pid,
		   domain, suffix) != 4)
		return false;
	if (str_eq(there, here))
		return kill(pid, 0) < 0 && errno == ESRCH && !is_running(storage, domain, true);
	return !is_running(storage, domain, false) && age_of(storage, volume) > OTHERS_S;
}

static int sweep_own(struct storage *storage, struct err *err)
{
	virStorageVolPtr *volumes = NULL;
	struct link_call call;
	int n;

	link_begin(storage->link, &call, "looking at the pool");
	virStoragePoolRefresh(storage->pool, 0); /* what was done behind libvirt's back */
	n = virStoragePoolListAllVolumes(storage->pool, &volumes, 0);
	link_end(storage->link, &call);
	if (n < 0)
		return link_error(err, STORAGE_POOL);
	for (int i = 0; i < n; i++)
		if (is_left(storage, volumes[i]))
			remove_volume(storage, volumes[i]);
		else
			virStorageVolFree(volumes[i]);
	free(volumes);
	return 0;
}

/* --- the pool --------------------------------------------------------------------------------------------- */

/* Somebody else may make it at the same time. One that somebody defined is as they made it. */
static virStoragePoolPtr find_pool(virConnectPtr conn)
{
	static const char xml[] = "<pool type='dir'><name>" STORAGE_POOL "</name><target><path>" POOL_FOLDER
				  "</path></target></pool>";
	virStoragePoolPtr pool = virStoragePoolLookupByName(conn, STORAGE_POOL);

	if (pool && virStoragePoolIsActive(pool) == 0)
		virStoragePoolCreate(pool, 0);
	if (!pool)
		pool = virStoragePoolCreateXML(conn, xml, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
	return pool ? pool : virStoragePoolLookupByName(conn, STORAGE_POOL);
}

static int open_pool(struct storage *storage, struct err *err)
{
	struct link_call call;

	link_begin(storage->link, &call, "looking for a storage pool");
	storage->pool = find_pool(storage->conn);
	link_end(storage->link, &call);
	if (storage->pool)
		return 0;
	link_error(err, "storage pool " STORAGE_POOL);
	return err_wrap(err,
			"%s has no place for what guests boot from ('virsh pool-create-as " STORAGE_POOL
			" dir --target FOLDER "
			"--build' makes one there)",
			storage->host);
}

int storage_open(struct link *link, const char *host, struct storage **out, struct err *err)
{
	struct storage *storage = xcalloc(1, sizeof(*storage));

	storage->link = link;
	storage->conn = link_conn(link, NULL);
	storage->host = xstrdup(host);
	pthread_mutex_init(&storage->lock, NULL);
	if (open_pool(storage, err) < 0 || sweep_own(storage, err) < 0) {
		storage_close(storage);
		return -1;
	}
	*out = storage;
	return 0;
}

int storage_room(struct storage *storage, uint64_t *bytes, struct err *err)
{
	virStoragePoolInfo info;
	struct link_call call;
	int status;

	link_begin(storage->link, &call, "looking at the pool");
	status = virStoragePoolGetInfo(storage->pool, &info);
	link_end(storage->link, &call);
	*bytes = status < 0 ? 0 : info.available;
	return status < 0 ? link_error(err, STORAGE_POOL) : 0;
}

void storage_close(struct storage *storage)
{
	if (!storage)
		return;
	if (storage->pool)
		virStoragePoolFree(storage->pool);
	for (size_t i = 0; i < storage->n; i++) {
		free(storage->known[i].file);
		free(storage->known[i].name);
	}
	free(storage->known);
	free(storage->host);
	pthread_mutex_destroy(&storage->lock);
	free(storage);
}
