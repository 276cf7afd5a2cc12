#include "facts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "aio.h"

void facts_machine(void)
{
	struct utsname name;
	struct sysinfo info;

	if (uname(&name) < 0 || sysinfo(&info) < 0)
		broken(errno, "uname or sysinfo");
	emit_fact(GUEST_FACT_RELEASE, "%s", name.release);
	emit_fact(GUEST_FACT_ARCH, "%s", name.machine);
	emit_fact(GUEST_FACT_PAGESIZE, "%ld", sysconf(_SC_PAGESIZE));
	emit_fact(GUEST_FACT_CPUS, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	emit_fact(GUEST_FACT_MEMORY, "%llu", (unsigned long long)info.totalram * info.mem_unit / 1024);
	emit_fact(GUEST_FACT_AIO, "%s", aio_backend());
}

/* The id in /proc/self/mountinfo of the mount that an open file is on, or -1. */
static int mount_id(int fd)
{
	char path[64], text[512];
	const char *id;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (read_text(path, text, sizeof(text)) < 0)
		return -1;
	id = strstr(text, "mnt_id:");
	return id ? (int)strtol(id + strlen("mnt_id:"), NULL, 10) : -1;
}

/*
 * "36 35 98:0 / /mnt rw,noatime - btrfs /dev/vda rw,nodatacow": the options of the mount, and behind " - "
 * type, device and options of the file system (proc_pid_mountinfo(5)). Shown as one list, with one rw or ro.
 */
static void emit_mount(char *line)
{
	char *super = strstr(line, " - "), *saved = NULL;
	const char *options = NULL, *type, *more;

	if (!super)
		broken(0, "mountinfo is not understood");
	*super = '\0';
	options = strtok_r(line, " ", &saved);
	for (int i = 0; options && i < 5; i++)
		options = strtok_r(NULL, " ", &saved);
	type = strtok_r(super + 3, " ", &saved);
	strtok_r(NULL, " ", &saved);
	more = strtok_r(NULL, " ", &saved);
	if (!options || !type || !more)
		broken(0, "mountinfo is not understood");
	if (strncmp(options, more, 2) == 0)
		more += strcspn(more, ",");
	emit_fact(GUEST_FACT_FSTYPE, "%s", type);
	emit_fact(GUEST_FACT_MOUNT_OPTIONS, "%s%s", options, more);
}

static void emit_mount_of(int fd)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/self/mountinfo", "re");
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	int id = mount_id(fd);

	while (f && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if ((int)strtol(line, NULL, 10) != id)
			continue;
		emit_mount(line);
		return;
	}
	broken(0, "mountinfo does not show the work folder");
}

static void emit_sector_size(int fd)
{
	struct btrfs_ioctl_fs_info_args info = { 0 };
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		broken(errno, "statfs of the work folder");
	if (fs.f_type != BTRFS_SUPER_MAGIC)
		info.sectorsize = (uint32_t)fs.f_bsize;
	else if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0)
		broken(errno, "BTRFS_IOC_FS_INFO");
	emit_fact(GUEST_FACT_SECTORSIZE, "%u", info.sectorsize);
}

void facts_file_system(const char *folder)
{
	AUTO_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		broken(errno, "%s", folder);
	emit_mount_of(fd);
	emit_sector_size(fd);
}

/* A file system without such flags has no nodatacow either. */
void facts_folder(void)
{
	AUTO_CLOSE int fd = open("probe", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int flags = 0;

	if (fd < 0)
		broken(errno, "creating a file in the work folder");
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		flags = 0;
	unlink("probe");
	emit_fact(GUEST_FACT_NOCOW, "%d", (flags & FS_NOCOW_FL) != 0);
}
