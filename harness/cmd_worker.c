#include "campaign/worker.h"
#include "cmd.h"

static const char *unit;
static bool last_try;

static const struct opt options[] = {
	OPT_STR("unit", "FILE", &unit, "what to do: a unit.json that a campaign has written"),
	OPT_FLAG("last-try", &last_try,
		 "nobody tries again: what QEMU may have made up counts as the kernel's"),
	OPT_END,
};

static int work(void *arg, struct err *err)
{
	AUTO(setup) setup = SETUP_INIT;

	return setup_open(cmd_common.home, &setup, err) < 0 ? -1 : worker_run(&setup, arg, last_try, err);
}

static int run(int argc, char **argv, int dashes, struct err *err)
{
	(void)dashes;
	if (argc)
		return err_set(err, ERR_USAGE, "worker takes no '%s'", argv[0]);
	if (!unit || *unit != '/')
		return err_set(err, ERR_USAGE, "which unit? add --unit FILE, with its whole path");
	return cmd_supervise(work, (void *)unit);
}

const struct verb cmd_worker = {
	"worker",
	"--unit FILE [--last-try]",
	"Does one trial or build for a campaign on another host; what the jobs of --runtime slurm run",
	"It leaves the trial's folder beside the unit's file, whole or not at all; the campaign takes it from there. A\n"
	"kernel goes into the catalog.\n"
	"A unit that is done already is left as it is. Exit 0: there is a result, whatever it says.\n",
	options,
	NULL,
	run,
};
