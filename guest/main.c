/* PID 1 of a guest: boots, runs the scenarios, reports, powers off. As another process: see command.h. */
#include <signal.h>

#include "boot.h"
#include "command.h"
#include "disk.h"
#include "emit.h"
#include "facts.h"
#include "supervise.h"

#define PLAN_SIZE (1 << 18)

static void died(int number)
{
	broken(0, "init died of signal %d", number);
}

/* PID 1 that ends is a panic, which would look like the kernel's fault. */
static void catch_own_death(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction action = { .sa_handler = died, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Opens the events and says the header, then what is wrong with the plan: it names the serial. */
static void open_report(struct plan_list *plan, uint64_t began)
{
	static char text[PLAN_SIZE];
	char nonce[PROTO_NONCE_MAX + 1];
	int serial;
	bool there = read_text(PROTO_PLAN_PATH, text, sizeof(text)) == 0;
	int error = errno;
	bool good = there && plan_parse(plan, text);

	boot_nonce(nonce);
	serial = boot_events(plan->boot.events);
	emit_to(serial, nonce);
	if (serial < 0)
		broken(errno, "no serial to report on");
	emit_header();
	emit_phase(GUEST_PHASE_INIT, began);
	if (!*nonce)
		broken(0, "no nonce: the kernel's command line needs " PROTO_NONCE_PARAMETER);
	if (!there)
		broken(error, "cannot read " PROTO_PLAN_PATH);
	if (!good)
		broken(0, "plan %s", plan->boot.error);
}

static uint64_t prepare(const struct plan *plan)
{
	char device[80] = "none";
	uint64_t logical_block = 0;

	facts_machine();
	emit_phase(GUEST_PHASE_MODULES, boot_ms());
	boot_modules(plan);
	if (strcmp(plan->fstype, "none") != 0) {
		emit_phase(GUEST_PHASE_DISK, boot_ms());
		logical_block = disk_find(plan, device, sizeof(device));
	}
	emit_phase(GUEST_PHASE_MOUNT, boot_ms());
	disk_mount(plan, device);
	facts_file_system(DISK_FOLDER);
	return logical_block;
}

/* Runs a scenario and takes away what it left, so that the next one finds nothing of it. */
static void run(const struct plan *plan, size_t number, uint64_t logical_block)
{
	enum scenario_end end;

	emit_scenario(number, plan->label);
	disk_open_folder(plan);
	facts_folder();
	if (plan->iterations)
		emit_plan(plan->iterations);
	end = supervise(plan, logical_block);
	if (!boot_kill_all() || end == SCENARIO_HANGS)
		broken(ETIMEDOUT, "a process of the scenario does not die: it hangs in the kernel");
	disk_close_folder();
}

static void run_as_init(void)
{
	static struct plan_list plan;
	uint64_t began = boot_ms(), logical_block;

	broken_ends_with(boot_power_off);
	catch_own_death();
	boot_mount();
	open_report(&plan, began);
	logical_block = prepare(&plan.boot);
	emit_phase(GUEST_PHASE_SCENARIO, boot_ms());
	for (size_t i = 0; i < plan.n; i++)
		run(&plan.scenario[i], i + 1, logical_block);
	emit_phase(GUEST_PHASE_UMOUNT, boot_ms());
	disk_umount();
	emit_poweroff();
	boot_power_off();
}

int main(int argc, char **argv)
{
	if (getpid() != 1)
		return command_run(argc, argv);
	run_as_init();
}
