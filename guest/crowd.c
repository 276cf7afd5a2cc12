#include "crowd.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define TICK_MS 2
#define END_MS	20000 /* for a child to see that it shall end; under TCG one I/O can take seconds */

static size_t size_of(const struct plan *plan)
{
	return sizeof(struct crowd) + plan->children * sizeof(pid_t);
}

struct crowd *crowd_new(const struct plan *plan)
{
	struct crowd *crowd =
	    mmap(NULL, size_of(plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (crowd == MAP_FAILED)
		broken(errno, "shared memory for %u processes", (unsigned)plan->children);
	crowd->plan = plan;
	crowd->until = boot_ms() + plan->runtime * 1000;
	return crowd;
}

void crowd_start(struct crowd *crowd, void (*work)(struct crowd *crowd, const void *arg), const void *arg)
{
	for (; crowd->n < crowd->plan->children; crowd->n++) {
		pid_t pid = fork();

		if (pid < 0)
			broken(errno, "starting process %u of %u", crowd->n + 1,
			       (unsigned)crowd->plan->children);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(crowd, arg);
			atomic_fetch_add(&crowd->finished, 1);
			_exit(0);
		}
		crowd->pid[crowd->n] = pid;
	}
}

bool crowd_goes_on(const struct crowd *crowd)
{
	return !atomic_load(&crowd->stop) && !atomic_load(&crowd->found) && boot_ms() < crowd->until;
}

bool crowd_writes_on(struct crowd *crowd)
{
	if (boot_ms() >= crowd->until)
		atomic_store(&crowd->early, true);
	return crowd_goes_on(crowd);
}

void crowd_report(struct crowd *crowd, const struct outcome *outcome)
{
	if (outcome_failed(outcome) && !atomic_exchange(&crowd->found, true))
		crowd->outcome = *outcome;
}

/* Waits for one child; what does not end is killed, so that the iteration ends. */
static void reap(pid_t pid, uint64_t until, struct outcome *outcome)
{
	int status = 0;
	bool late = false;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (!late && boot_ms() >= until) {
			kill(pid, SIGKILL);
			late = true;
		}
		poll(NULL, 0, TICK_MS);
	}
	if (late && outcome_fail(outcome, GUEST_KIND_TIMELIMIT, 0, "child"))
		return;
	if (!late && WIFSIGNALED(status) && outcome_fail(outcome, GUEST_KIND_SIGNAL, 0, "child")) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		outcome_word(outcome, GUEST_DETAIL_SIGNAL, name ? name : "unknown");
	}
}

void crowd_join(struct crowd *crowd, struct outcome *outcome)
{
	uint64_t now = boot_ms(), until = (now > crowd->until ? now : crowd->until) + END_MS;
	struct outcome deaths = { 0 };

	for (unsigned i = 0; i < crowd->n; i++)
		reap(crowd->pid[i], until, &deaths);
	crowd->n = 0;
	crowd_report(crowd, &deaths);
	if (!outcome_failed(outcome) && outcome_failed(&crowd->outcome))
		*outcome = crowd->outcome;
}

void crowd_end(struct crowd *crowd, struct outcome *outcome)
{
	atomic_store(&crowd->stop, true);
	crowd_join(crowd, outcome);
	outcome_number(outcome, GUEST_DETAIL_WRITTEN, atomic_load(&crowd->written));
	outcome_number(outcome, GUEST_DETAIL_CHECKED, atomic_load(&crowd->checked));
	if (atomic_load(&crowd->early))
		outcome_number(outcome, GUEST_DETAIL_EARLY, 1);
	munmap(crowd, size_of(crowd->plan));
}
