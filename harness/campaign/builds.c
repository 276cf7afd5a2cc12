#include "campaign/builds.h"

#include <unistd.h>

#include "base/supervisor.h"
#include "campaign/build_order.h"

/* A commit that was asked for. */
struct built {
	struct built *next;
	char *name;
	bool ended;
	struct build_result result;
	struct err fault; /* why there is no kernel */
	double seconds;	  /* that nobody was told yet */
};

/* A build that nobody has asked for yet. */
struct ahead {
	struct builds *builds;
	char *name;
	pthread_t thread;
	atomic_bool ended, unwanted;
};

static void built_free(struct built *built)
{
	free(built->name);
	build_result_release(&built->result);
	err_release(&built->fault);
	free(built);
}

/* Under the lock, like all that touches the list. NULL: nobody has asked for it. */
static struct built *find(const struct builds *builds, const char *name)
{
	struct built *built = builds->built;

	while (built && !str_eq(built->name, name))
		built = built->next;
	return built;
}

static struct built *add(struct builds *builds, const char *name)
{
	struct built *built = xcalloc(1, sizeof(*built));

	*built = (struct built){
		.next = builds->built, .name = xstrdup(name), .result = BUILD_RESULT_INIT, .fault = ERR_INIT
	};
	return builds->built = built;
}

/* The next who asks begins anew. */
static void drop(struct builds *builds, struct built *built)
{
	struct built **at = &builds->built;

	while (*at != built)
		at = &(*at)->next;
	*at = built->next;
	built_free(built);
}

/* The lock is given up while it is built, with `jobs` of make, 0: as many as there are cores. What ended without an answer was
 * not wanted, or ends the search. */
static int make(struct builds *builds, const char *name, unsigned jobs, struct err *err)
{
	AUTO_FREE char *label = xasprintf("building %.12s", name);
	struct built *built = add(builds, name);
	struct build_spec spec = builds->spec;
	int status;

	spec.rev = name;
	spec.jobs = jobs;
	pthread_mutex_unlock(&builds->lock);
	status =
	    build_order_run(builds->setup, builds->campaign, &spec, label, &built->result, &built->fault);
	pthread_mutex_lock(&builds->lock);
	built->ended = true;
	built->seconds = built->result.seconds;
	pthread_cond_broadcast(&builds->ended);
	/* What was too slow beside a trial may be in time alone. */
	if (status == 0 || (built->fault.kind == ERR_CANDIDATE && (built->result.kept || !jobs)))
		return 0;
	err_set(err, built->fault.kind, "%s", built->fault.text);
	drop(builds, built);
	return -1;
}

/* Waits for one who builds it, or builds it. */
static struct built *have(struct builds *builds, const char *name, unsigned jobs, struct err *err)
{
	struct built *built;

	while ((built = find(builds, name)) && !built->ended)
		pthread_cond_wait(&builds->ended,
				  &builds->lock); /* a build has deadlines, and a queue ends with Ctrl-C */
	if (!built && make(builds, name, jobs, err) == 0)
		built = find(builds, name);
	return built;
}

const struct build_result *builds_get(struct builds *builds, const char *name, double *seconds,
				      struct err *err)
{
	const struct build_result *result = NULL;
	struct built *built;

	pthread_mutex_lock(&builds->lock);
	built = have(builds, name, 0, err);
	if (built && seconds) {
		*seconds = built->seconds;
		built->seconds = 0;
	}
	if (built && built->fault.kind == ERR_NONE)
		result = &built->result;
	else if (built)
		err_set(err, built->fault.kind, "%s", built->fault.text);
	pthread_mutex_unlock(&builds->lock);
	return result;
}

static const struct candidate *get(struct source *source, const char *name, double *seconds, struct err *err)
{
	const struct build_result *result = builds_get((struct builds *)source, name, seconds, err);

	return result ? &result->candidate : NULL;
}

/* --- ahead -------------------------------------------------------------------------------------------- */

/* With half of the cores: the trial has the others. */
static unsigned spare_jobs(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 2 ? (unsigned)cores / 2 : 1;
}

/* Whoever asks for it later gets the answer; what went wrong, goes wrong again then. */
static void *build_ahead(void *arg)
{
	struct ahead *ahead = arg;
	AUTO(err) ignored = ERR_INIT;

	supervise_thread(&ahead->unwanted);
	pthread_mutex_lock(&ahead->builds->lock);
	have(ahead->builds, ahead->name, spare_jobs(), &ignored);
	pthread_mutex_unlock(&ahead->builds->lock);
	atomic_store(&ahead->ended, true);
	return NULL;
}

static void finish_ahead(struct builds *builds)
{
	pthread_join(builds->ahead->thread, NULL);
	free(builds->ahead->name);
	free(builds->ahead);
	builds->ahead = NULL;
}

static void expect(struct source *source, const char *name)
{
	struct builds *builds = (struct builds *)source;
	struct ahead *ahead;

	if (builds->ahead && !atomic_load(&builds->ahead->ended))
		return;
	if (builds->ahead)
		finish_ahead(builds);
	ahead = xcalloc(1, sizeof(*ahead));
	ahead->builds = builds;
	ahead->name = xstrdup(name);
	if (pthread_create(&ahead->thread, NULL, build_ahead, ahead) == 0) {
		builds->ahead = ahead;
		return;
	}
	free(ahead->name); /* then it is built when it is asked for */
	free(ahead);
}

void builds_settle(struct builds *builds)
{
	if (!builds->ahead)
		return;
	atomic_store(&builds->ahead->unwanted, true);
	finish_ahead(builds);
}

/* --- opening and closing ------------------------------------------------------------------------------ */

void builds_open(const struct setup *setup, const struct campaign *campaign, unsigned pagesize,
		 struct builds *builds)
{
	*builds =
	    (struct builds){ .source = { get, expect, true, campaign->arch },
			     .setup = setup,
			     .campaign = campaign,
			     .config = campaign_config_path(campaign),
			     .spec = { .git = campaign->git, .arch = campaign->arch, .pagesize = pagesize } };
	builds->spec.config = builds->config;
	pthread_mutex_init(&builds->lock, NULL);
	pthread_cond_init(&builds->ended, NULL);
}

void builds_close(struct builds *builds)
{
	builds_settle(builds);
	while (builds->built)
		drop(builds, builds->built);
	free(builds->config);
	pthread_cond_destroy(&builds->ended);
	pthread_mutex_destroy(&builds->lock);
}
