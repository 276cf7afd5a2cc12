#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "emit.h"

#define WAIT_MS 20000 /* for the disk to appear, on a slow emulated machine */
#define TICK_MS 10

/* mount(2) wants these as flags, the rest is the file system's own. */
static const struct {
	const char *name;
	unsigned long flag;
} generic[] = {
	{ "ro", MS_RDONLY },	     { "sync", MS_SYNCHRONOUS },      { "dirsync", MS_DIRSYNC },
	{ "noatime", MS_NOATIME },   { "nodiratime", MS_NODIRATIME }, { "strictatime", MS_STRICTATIME },
	{ "lazytime", MS_LAZYTIME },
};

/* Looks once; `name` gets the disk's name in /sys/block. */
static bool look_for(const char *serial, char *name, size_t size)
{
	DIR *dir = opendir("/sys/block");
	char path[NAME_MAX + 32], text[64];
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/block/%s/serial", entry->d_name);
		found = read_text(path, text, sizeof(text)) == 0 && strcmp(text, serial) == 0;
		if (found)
			snprintf(name, size, "%.*s", (int)size - 1, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

uint64_t disk_find(const struct plan *plan, char *device, size_t size)
{
	uint64_t until = boot_ms() + WAIT_MS;
	AUTO_CLOSE int fd = -1;
	char name[64];
	int logical;

	while (!look_for(plan->disk, name, sizeof(name))) {
		if (boot_ms() >= until)
			broken(
			    ETIMEDOUT,
			    "no disk with the serial '%s' appeared in %d s: is its driver among the modules?",
			    plan->disk, WAIT_MS / 1000);
		poll(NULL, 0, TICK_MS);
	}
	snprintf(device, size, "/dev/%s", name);
	fd = open(device, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKSSZGET, &logical) < 0)
		broken(errno, "logical block size of %s", device);
	emit_fact(GUEST_FACT_DEVICE, "%s", name);
	emit_fact(GUEST_FACT_LOGICAL_BLOCK, "%d", logical);
	return (uint64_t)logical;
}

static unsigned long flag_of(const char *option)
{
	for (size_t i = 0; i < ARRAY_SIZE(generic); i++)
		if (strcmp(generic[i].name, option) == 0)
			return generic[i].flag;
	return 0;
}

/* Splits options as for mount -o: returns the flags, `data` gets the rest. */
static unsigned long split_options(const char *options, char *data, size_t size)
{
	char list[sizeof(((struct plan *)0)->mountoptions)];
	char *rest = list, *option;
	unsigned long flags = 0;
	size_t len = 0;

	snprintf(list, sizeof(list), "%s", options);
	*data = '\0';
	while ((option = strsep(&rest, ","))) {
		unsigned long flag = flag_of(option);

		flags |= flag;
		if (!flag && *option)
			len += (size_t)snprintf(data + len, size - len, "%s%s", len ? "," : "", option);
	}
	return flags;
}

static void set_nocow(void)
{
	AUTO_CLOSE int fd = open(WORK_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int flags;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		broken(errno, "nocow: the file system has no such flags");
	flags |= FS_NOCOW_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
		broken(errno, "nocow: the file system refuses it, btrfs would not");
}

void disk_mount(const struct plan *plan, const char *device)
{
	bool none = strcmp(plan->fstype, "none") == 0;
	const char *type = none ? "tmpfs" : plan->fstype;
	char data[sizeof(plan->mountoptions)];
	unsigned long flags = split_options(plan->mountoptions, data, sizeof(data));

	if (mkdir(DISK_FOLDER, 0755) < 0 && errno != EEXIST)
		broken(errno, "mkdir " DISK_FOLDER);
	if (mount(device, DISK_FOLDER, type, flags, data) < 0)
		broken(errno, "mounting %s as %s with '%s'%s", device, type, plan->mountoptions,
		       errno == ENODEV ? ": this kernel has no such file system" : "");
}

void disk_open_folder(const struct plan *plan)
{
	if (mkdir(WORK_FOLDER, 0777) < 0)
		broken(errno, "mkdir " WORK_FOLDER);
	if (plan->nocow)
		set_nocow();
	if (chdir(WORK_FOLDER) < 0)
		broken(errno, "chdir " WORK_FOLDER);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void disk_close_folder(void)
{
	if (chdir("/") < 0)
		broken(errno, "chdir /");
	if (nftw(WORK_FOLDER, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
		broken(errno, "removing " WORK_FOLDER);
	sync();
}

void disk_umount(void)
{
	sync();
	if (umount(DISK_FOLDER) < 0)
		broken(errno, "umount " DISK_FOLDER);
}
