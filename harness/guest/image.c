#include "guest/image.h"

#include <sys/stat.h>

#include "base/child.h"
#include "base/fs.h"
#include "image/disk.h"
#include "image/initramfs.h"
#include "kernel/catalog.h"
#include "kernel/modules.h"
#include "kernel/verify.h"

/* The program's absolute path, which libvirt wants. */
static char *find_emulator(const struct trial_spec *spec, struct err *err)
{
	const struct arch *arch = spec->arch;
	char *path = spec->emulator ? xstrdup(spec->emulator) : child_program(arch->emulator);

	if (!path)
		err_set(err, ERR_HOST, "%s is not installed: run 'apt-get install %s' or 'make deps'",
			arch->emulator, arch->package);
	return path;
}

/* The program of a scenario and what it brings along. */
static void add_injected(const struct plan_scenario *scenario, struct strv *inject)
{
	if (scenario->program.path)
		strv_add(inject, scenario->program.path);
	for (const char *p = scenario->env->bring; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
		strv_addf(inject, "%.*s", (int)strcspn(p, ","), p);
}

static int list_injected(const struct trial_spec *spec, struct strv *inject, struct err *err)
{
	for (size_t i = 0; i < spec->n; i++)
		add_injected(&spec->scenarios[i], inject);
	for (size_t i = 0; i < inject->n; i++)
		if (!fs_exists(inject->v[i]))
			return err_set(err, ERR_USAGE, "%s, which is to be injected, does not exist",
				       inject->v[i]);
	return 0;
}

/* What the kernel boots into; the kernel itself is looked at here as well, before it is. */
static int make_initrd(const struct trial_spec *spec, struct guest_image *image, struct err *err)
{
	AUTO(strv) modules = STRV_INIT;
	AUTO(strv) inside = STRV_INIT;
	AUTO(strv) inject = STRV_INIT;
	AUTO(buf) plan = BUF_INIT;
	struct initramfs contents = { spec->init, NULL, &modules, &inject, INITRAMFS_LIMIT };

	if (modules_for_filesystem(spec->catalog, spec->candidate, trial_env(spec)->filesystem, &modules,
				   err) < 0 ||
	    verify_kernel(spec->catalog, spec->candidate, &modules, err) < 0)
		return -1;
	for (size_t i = 0; i < modules.n; i++) {
		AUTO_FREE char *path = initramfs_module_path(modules.v[i]);

		strv_add(&inside, path);
	}
	if (list_injected(spec, &inject, err) < 0 ||
	    plan_write(spec->scenarios, spec->n, spec->arch->events, &inside, &plan, err) < 0)
		return -1;
	contents.plan = plan.s;
	return initramfs_make(&contents, spec->made, &image->initrd, err);
}

static int make_disk(const struct trial_spec *spec, struct guest_image *image, char **tool, struct err *err)
{
	struct disk_spec disk = { trial_env(spec)->filesystem, (unsigned)trial_env(spec)->sectorsize,
				  trial_env(spec)->disksize, NULL };

	if (disk_make(&disk, spec->made, &image->kept_disk, tool, err) < 0)
		return -1;
	if (spec->host)
		return 0;
	image->disk = path_join(spec->folder, GUEST_DISK);
	return fs_copy_sparse(image->kept_disk, image->disk, err);
}

int guest_image_make(const struct trial_spec *spec, const char *nonce, struct guest_image *image,
		     char **disk_tool, struct err *err)
{
	image->emulator = find_emulator(spec, err);
	if (!image->emulator || fs_mkdirs(spec->folder, err) < 0 || make_initrd(spec, image, err) < 0 ||
	    make_disk(spec, image, disk_tool, err) < 0)
		return -1;
	image->kernel = catalog_image(spec->catalog, spec->candidate);
	image->console = path_join(spec->folder, "console.log");
	image->events = path_join(spec->folder, "events.ktap");
	/* Notices are wanted for "Linux version"; a kernel that stops must end the guest at once. */
	image->cmdline = xasprintf("console=%s loglevel=6 panic=-1 oops=panic " PROTO_NONCE_PARAMETER "%s",
				   spec->arch->console, nonce);
	snprintf(image->name, sizeof(image->name), "qb-%.12s", nonce);
	return 0;
}

void guest_image_domain(const struct trial_spec *spec, const struct guest_image *image, const char *firmware,
			struct domain_spec *domain)
{
	*domain = (struct domain_spec){
		.arch = spec->arch,
		.name = image->name,
		.accelerator = spec->accelerator,
		.firmware = firmware,
		.smp = trial_env(spec)->smp,
		.memory_mib = trial_env(spec)->memory,
		.logical_block = (unsigned)trial_env(spec)->logicalblocksize,
		.emulator = image->emulator,
		.kernel = image->kernel,
		.initrd = image->initrd,
		.cmdline = image->cmdline,
		.disk = image->disk ? image->disk : image->kept_disk,
		.console = image->console,
		.events = image->events,
	};
}

void guest_image_release(struct guest_image *image)
{
	free(image->emulator);
	free(image->kernel);
	free(image->initrd);
	free(image->cmdline);
	free(image->disk);
	free(image->kept_disk);
	free(image->console);
	free(image->events);
	memset(image, 0, sizeof(*image));
}
