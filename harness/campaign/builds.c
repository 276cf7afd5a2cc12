#include "campaign/builds.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct built {
	char *name;
	struct candidate *candidate; /* on its own, since trials keep its address */
};

/* A build that nobody has asked for yet. It owns copies of all it uses, and outlives a search that ends. */
struct ahead {
	pthread_t thread;
	char *cache, *git, *rev, *arch, *config;
	struct build_spec spec;
	atomic_bool done;
};

static void ahead_free(struct ahead *ahead)
{
	free(ahead->cache);
	free(ahead->git);
	free(ahead->rev);
	free(ahead->arch);
	free(ahead->config);
	free(ahead);
}

static void *build_ahead(void *arg)
{
	struct ahead *ahead = arg;
	AUTO(build_result) result = BUILD_RESULT_INIT;
	AUTO(err) err = ERR_INIT;

	/* Whoever asks for it later gets the answer, or the error, from what is remembered of the build. */
	build_kernel(ahead->cache, &ahead->spec, &result, &err);
	atomic_store(&ahead->done, true);
	return NULL;
}

static void finish_ahead(struct builds *builds)
{
	if (!builds->ahead)
		return;
	pthread_join(builds->ahead->thread, NULL);
	ahead_free(builds->ahead);
	builds->ahead = NULL;
}

/* With half of the cores: the trial has the others. */
static unsigned spare_jobs(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores > 2 ? (unsigned)cores / 2 : 1;
}

static void expect(struct source *source, const char *name)
{
	struct builds *builds = (struct builds *)source;
	struct ahead *ahead;

	if (builds->ahead && !atomic_load(&builds->ahead->done))
		return;
	finish_ahead(builds);
	ahead = xcalloc(1, sizeof(*ahead));
	ahead->cache = xstrdup(builds->cache);
	ahead->git = xstrdup(builds->spec.git);
	ahead->rev = xstrdup(name);
	ahead->arch = xstrdup(builds->spec.arch);
	ahead->config = builds->spec.config ? xstrdup(builds->spec.config) : NULL;
	ahead->spec = builds->spec;
	ahead->spec.git = ahead->git;
	ahead->spec.rev = ahead->rev;
	ahead->spec.arch = ahead->arch;
	ahead->spec.config = ahead->config;
	ahead->spec.jobs = spare_jobs();
	if (pthread_create(&ahead->thread, NULL, build_ahead, ahead))
		ahead_free(ahead); /* then it is built when it is asked for */
	else
		builds->ahead = ahead;
}

static const struct candidate *get(struct source *source, const char *name, double *seconds, struct err *err)
{
	struct builds *builds = (struct builds *)source;
	struct build_spec spec = builds->spec;
	AUTO(build_result) result = BUILD_RESULT_INIT;
	struct built *built;
	int known;

	for (size_t i = 0; i < builds->n; i++)
		if (str_eq(builds->made[i].name, name))
			return builds->made[i].candidate;
	spec.rev = name;
	known = build_lookup(builds->cache, &spec, &result, err);
	if (known == 0) {
		finish_ahead(builds);
		known = build_kernel(builds->cache, &spec, &result, err);
	}
	*seconds = result.seconds;
	if (known < 0)
		return NULL;
	GROW(builds->made, builds->n, builds->cap);
	built = &builds->made[builds->n++];
	*built = (struct built){ xstrdup(name), xcalloc(1, sizeof(*built->candidate)) };
	candidate_move(built->candidate, &result.candidate);
	return built->candidate;
}

void builds_open(const char *cache, const struct campaign *campaign, unsigned pagesize, struct builds *builds)
{
	*builds =
	    (struct builds){ .source = { get, expect, true, campaign->arch },
			     .cache = cache,
			     .config = campaign_config_path(campaign),
			     .spec = { .git = campaign->git, .arch = campaign->arch, .pagesize = pagesize } };
	builds->spec.config = builds->config;
}

void builds_close(struct builds *builds)
{
	if (builds->ahead && atomic_load(&builds->ahead->done))
		finish_ahead(builds);
	else if (builds->ahead)
		pthread_detach(builds->ahead->thread);
	for (size_t i = 0; i < builds->n; i++) {
		free(builds->made[i].name);
		candidate_release(builds->made[i].candidate);
		free(builds->made[i].candidate);
	}
	free(builds->made);
	free(builds->config);
}
