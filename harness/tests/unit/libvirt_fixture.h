/*
 * Another host, with libvirt's functions in place of the library's: what a connection, a guest, a volume or a stream says is
 * the test's to set.
 */
#ifndef QB_TEST_LIBVIRT_FIXTURE_H
#define QB_TEST_LIBVIRT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The handles point to these. */
static struct volume {
	char name[128];
	char content[1 << 16];
	size_t size;
	bool there;
} volumes[16];
static char a_connection, a_pool, a_domain;

static struct {
	unsigned connects, destroyed;
	bool refuse_connection, refuse_pool, refuse_serial, refuse_download, refuse_guest, dead;
	bool survives, deaf; /* a guest outlived its connection; it cannot be ended over that */
	char disk_xml[1024]; /* that the guest's own disk was made of */
	virConnectDomainEventCallback told;
	void *told_arg;
	virConnectCloseFunc closed;
	void *closed_arg;
	struct volume *from; /* what a stream reads */
	size_t at, until;
	unsigned holes; /* that it was sent */
} host;

static inline void host_reset(void)
{
	memset(&host, 0, sizeof(host));
	memset(volumes, 0, sizeof(volumes));
}

/* The guest, or its host, says so. */
static inline void host_tells(int event, int detail)
{
	host.told((virConnectPtr)&a_connection, (virDomainPtr)&a_domain, event, detail, host.told_arg);
}

static inline struct volume *host_volume(const char *ending)
{
	for (size_t i = 0; i < 16; i++) {
		size_t n = strlen(volumes[i].name), m = strlen(ending);

		if (volumes[i].there && n >= m && strcmp(volumes[i].name + n - m, ending) == 0)
			return &volumes[i];
	}
	return NULL;
}

static inline void host_writes(const char *ending, const char *text)
{
	struct volume *volume = host_volume(ending);

	memcpy(volume->content + volume->size, text, strlen(text));
	volume->size += strlen(text);
}

/* --- connections ------------------------------------------------------------------------------------------ */

virConnectPtr virConnectOpen(const char *uri)
{
	(void)uri;
	host.connects++;
	host.deaf = false;
	return host.refuse_connection ? NULL : (virConnectPtr)&a_connection;
}
int virConnectClose(virConnectPtr conn)
{
	(void)conn;
	return 0;
}
int virConnectIsAlive(virConnectPtr conn)
{
	(void)conn;
	return !host.dead;
}
int virConnectRegisterCloseCallback(virConnectPtr conn, virConnectCloseFunc cb, void *opaque,
				    virFreeCallback free_it)
{
	(void)conn, (void)free_it;
	host.closed = cb;
	host.closed_arg = opaque;
	return 0;
}
int virConnectUnregisterCloseCallback(virConnectPtr conn, virConnectCloseFunc cb)
{
	(void)conn, (void)cb;
	return 0;
}
int virConnectSetKeepAlive(virConnectPtr conn, int interval, unsigned count)
{
	(void)conn, (void)interval, (void)count;
	return 0;
}
int virConnectDomainEventRegisterAny(virConnectPtr conn, virDomainPtr dom, int id,
				     virConnectDomainEventGenericCallback cb, void *opaque,
				     virFreeCallback free_it)
{
	(void)conn, (void)dom, (void)id, (void)free_it;
	host.told = (virConnectDomainEventCallback)(void (*)(void))cb;
	host.told_arg = opaque;
	return 1;
}
int virConnectDomainEventDeregisterAny(virConnectPtr conn, int id)
{
	(void)conn, (void)id;
	return 0;
}
char *virConnectGetHostname(virConnectPtr conn)
{
	(void)conn;
	return strdup("lab1");
}
int virConnectGetLibVersion(virConnectPtr conn, unsigned long *n)
{
	(void)conn;
	*n = 9000000;
	return 0;
}
int virConnectGetVersion(virConnectPtr conn, unsigned long *n)
{
	return virConnectGetLibVersion(conn, n);
}
int virNodeGetInfo(virConnectPtr conn, virNodeInfoPtr node)
{
	(void)conn;
	*node = (virNodeInfo){ .model = "x86_64", .cpus = 4 };
	return host.dead ? -1 : 0;
}
int virNodeGetMemoryStats(virConnectPtr conn, int cell, virNodeMemoryStatsPtr stats, int *n, unsigned flags)
{
	(void)conn, (void)cell, (void)stats, (void)n, (void)flags;
	return -1;
}
char *virConnectGetDomainCapabilities(virConnectPtr conn, const char *emulator, const char *arch,
				      const char *machine, const char *kind, unsigned flags)
{
	(void)conn, (void)emulator, (void)arch, (void)machine, (void)kind, (void)flags;
	return strdup("<domainCapabilities><path>/usr/bin/qemu</path></domainCapabilities>");
}

/* --- guests ----------------------------------------------------------------------------------------------- */

static char uuid_there[VIR_UUID_STRING_BUFLEN];

virDomainPtr virDomainCreateXML(virConnectPtr conn, const char *xml, unsigned flags)
{
	(void)conn, (void)flags;
	if (host.refuse_guest)
		return NULL;
	memcpy(uuid_there, strstr(xml, "<uuid>") + 6, VIR_UUID_STRING_BUFLEN - 1);
	return (virDomainPtr)&a_domain;
}
int virDomainGetUUIDString(virDomainPtr dom, char *uuid)
{
	(void)dom;
	memcpy(uuid, uuid_there, sizeof(uuid_there));
	return 0;
}
const char *virDomainGetName(virDomainPtr dom)
{
	(void)dom;
	return "guest";
}
int virDomainDestroy(virDomainPtr dom)
{
	(void)dom;
	if (host.deaf)
		return -1;
	host.destroyed++;
	host.survives = false;
	host_tells(VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED);
	return 0;
}
virDomainPtr virDomainLookupByName(virConnectPtr conn, const char *name)
{
	(void)conn;
	return host.survives && strcmp(name, "guest") == 0 ? (virDomainPtr)&a_domain : NULL;
}
int virDomainFree(virDomainPtr dom)
{
	(void)dom;
	return 0;
}

/* --- storage ---------------------------------------------------------------------------------------------- */

virStoragePoolPtr virStoragePoolLookupByName(virConnectPtr conn, const char *name)
{
	(void)conn, (void)name;
	return host.refuse_pool ? NULL : (virStoragePoolPtr)&a_pool;
}
virStoragePoolPtr virStoragePoolCreateXML(virConnectPtr conn, const char *xml, unsigned flags)
{
	(void)conn, (void)xml, (void)flags;
	return NULL;
}
int virStoragePoolIsActive(virStoragePoolPtr pool)
{
	(void)pool;
	return 1;
}
int virStoragePoolRefresh(virStoragePoolPtr pool, unsigned flags)
{
	(void)pool, (void)flags;
	return 0;
}
int virStoragePoolListAllVolumes(virStoragePoolPtr pool, virStorageVolPtr **all, unsigned flags)
{
	(void)pool, (void)flags;
	*all = NULL;
	return 0;
}
int virStoragePoolGetInfo(virStoragePoolPtr pool, virStoragePoolInfoPtr info)
{
	(void)pool;
	info->available = 1u << 30;
	return 0;
}
int virStoragePoolFree(virStoragePoolPtr pool)
{
	(void)pool;
	return 0;
}
virStorageVolPtr virStorageVolLookupByName(virStoragePoolPtr pool, const char *name)
{
	struct volume *volume = host_volume(name);

	(void)pool;
	return host.refuse_serial && strstr(name, ".events") ? NULL : (virStorageVolPtr)volume;
}
virStorageVolPtr virStorageVolCreateXML(virStoragePoolPtr pool, const char *xml, unsigned flags)
{
	const char *name = strstr(xml, "<name>") + 6;
	size_t i = 0;

	(void)pool, (void)flags;
	if (strstr(xml, "qcow2"))
		snprintf(host.disk_xml, sizeof(host.disk_xml), "%s", xml);
	while (volumes[i].there)
		i++;
	volumes[i] = (struct volume){ .there = true };
	memcpy(volumes[i].name, name, strcspn(name, "<"));
	return (virStorageVolPtr)&volumes[i];
}
char *virStorageVolGetPath(virStorageVolPtr volume)
{
	(void)volume;
	return strdup("/there");
}
const char *virStorageVolGetName(virStorageVolPtr volume)
{
	return ((struct volume *)volume)->name;
}
int virStorageVolGetInfo(virStorageVolPtr volume, virStorageVolInfoPtr info)
{
	info->capacity = ((struct volume *)volume)->size;
	return 0;
}
virConnectPtr virStorageVolGetConnect(virStorageVolPtr volume)
{
	(void)volume;
	return (virConnectPtr)&a_connection;
}
int virStorageVolDelete(virStorageVolPtr volume, unsigned flags)
{
	(void)flags;
	((struct volume *)volume)->there = false;
	return 0;
}
int virStorageVolFree(virStorageVolPtr volume)
{
	(void)volume;
	return 0;
}

/* --- streams ---------------------------------------------------------------------------------------------- */

virStreamPtr virStreamNew(virConnectPtr conn, unsigned flags)
{
	(void)conn, (void)flags;
	return (virStreamPtr)&host;
}
int virStorageVolDownload(virStorageVolPtr volume, virStreamPtr stream, unsigned long long offset,
			  unsigned long long length, unsigned flags)
{
	struct volume *from = (struct volume *)volume;

	(void)stream, (void)flags;
	if (host.refuse_download)
		return -1;
	host.from = from;
	host.at = offset < from->size ? offset : from->size;
	host.until = length < from->size - host.at ? host.at + length : from->size;
	return 0;
}
/* In pieces of uneven size. */
int virStreamRecv(virStreamPtr stream, char *data, size_t n)
{
	size_t left = host.until - host.at, some = left < 100 ? left : 100;

	(void)stream;
	some = some < n ? some : n;
	memcpy(data, host.from->content + host.at, some);
	host.at += some;
	return (int)some;
}
int virStorageVolUpload(virStorageVolPtr volume, virStreamPtr stream, unsigned long long offset,
			unsigned long long length, unsigned flags)
{
	(void)stream, (void)offset, (void)length, (void)flags;
	host.from = (struct volume *)volume;
	host.holes = 0;
	return host.dead ? -1 : 0;
}
int virStreamSend(virStreamPtr stream, const char *data, size_t n)
{
	(void)stream, (void)data;
	host.from->size += n;
	return (int)n;
}
int virStreamSendHole(virStreamPtr stream, long long n, unsigned flags)
{
	(void)stream, (void)flags;
	host.holes++;
	host.from->size += (size_t)n;
	return 0;
}
int virStreamFinish(virStreamPtr stream)
{
	(void)stream;
	return 0;
}
int virStreamAbort(virStreamPtr stream)
{
	return virStreamFinish(stream);
}
int virStreamFree(virStreamPtr stream)
{
	return virStreamFinish(stream);
}

#endif
