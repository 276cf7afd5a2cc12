/*
 * A matrix over many hosts of a cluster, by a clock of its own: how busy they are, how much faster than one it is, and why no
 * more.
 *
 *	hosts CELLS HOSTS TOGETHER UNIT-MS [DAYS]	prints a line
 *
 * Which cells a unit is for, in which order, what is asked again, and what is given up is campaign/matrix_plan.h itself;
 * how often a unit is tried is RUNTIME_TRIES. Simulated are the cluster and the time:
 *  - a unit takes what facts were measured: 2.3 s to boot and power off on x86_64, 6 s on ppc64le, and 10 to 15 s of test for
 *	each cell (AD033, about 20 iterations), by chance;
 *  - a unit whose jobs are lost RUNTIME_TRIES times, where qbisect stops, is given up here; at these rates there is none;
 *  - 9 of 100 cells fail, as in the nightly matrix; one in 10,000 breaks every host that it is tried on;
 *  - a host runs one unit at a time. It dies after DAYS in the mean (default 2), is back after half an hour, and what
 *	it ran is known to be lost a minute later (SlurmdTimeout of configs/slurm): then it is tried elsewhere;
 *  - the controller submits units and takes them in one after the other, UNIT-MS each (bench/slurm), and keeps as many in
 *	the queue as there are hosts and a half of that.
 */
#include <math.h>
#include <time.h>

#include "bisect/random.h"
#include "campaign/booth.h"
#include "campaign/matrix_plan.h"

#define KERNELS	  25 /* and 16 environments; as many scenarios as it takes */
#define DOWN	  1800.0
#define NOTICE	  60.0
#define BAD	  0.09
#define POISONOUS 1e-4

struct unit {
	struct unit *next;
	struct matrix_cell **cells;
	size_t n;
	double ready, seconds; /* when it may begin; that it takes */
	unsigned tries, avoid[RUNTIME_TRIES], lost;
};

struct bench_host {
	struct unit *unit;		 /* NULL: idle */
	double since, until, dies, back; /* of the unit; the host is down until `back` */
};

struct cluster {
	struct matrix_plan *plan;
	struct bench_host *hosts;
	unsigned n_hosts, slots, in_queue;
	double unit_seconds, lifetime;
	struct unit *queue; /* by `ready` */
	uint64_t random;
	double now, controller_free;
	double busy, useful;
	unsigned units, retries, lost, broken, deaths;
	clock_t planning; /* that the plan itself took of this processor */
};

/* --- chance ------------------------------------------------------------------------------------------- */

static double life(struct cluster *cluster)
{
	return -log1p(-random_unit(&cluster->random)) * cluster->lifetime;
}

/* Of a cell, the same each time: from 0 to 1. */
static double lot(const struct cluster *cluster, const struct matrix_cell *cell, uint64_t which)
{
	uint64_t state = 3 * (uint64_t)(cell - cluster->plan->v) + which;

	random_bits(&state);
	return random_unit(&state);
}

static bool is_poisonous(const struct cluster *cluster, const struct matrix_cell *cell)
{
	return lot(cluster, cell, 0) < POISONOUS;
}

static bool fails(const struct cluster *cluster, const struct matrix_cell *cell)
{
	return lot(cluster, cell, 1) < BAD;
}

static double seconds_of(const struct cluster *cluster, const struct unit *unit)
{
	double seconds = str_eq(unit->cells[0]->kernel->candidate.arch, "x86_64") ? 2.3 : 6;

	for (size_t i = 0; i < unit->n; i++) {
		if (is_poisonous(cluster, unit->cells[i]))
			return seconds;
		seconds += 10 + 5 * lot(cluster, unit->cells[i], 2);
	}
	return seconds;
}

static bool breaks(const struct cluster *cluster, const struct unit *unit)
{
	for (size_t i = 0; i < unit->n; i++)
		if (is_poisonous(cluster, unit->cells[i]))
			return true;
	return false;
}

/* --- the controller ----------------------------------------------------------------------------------- */

/* Puts a unit into the queue: when the controller comes to it, or later, as soon as it knows. */
static void submit(struct cluster *cluster, struct unit *unit, double known)
{
	struct unit **place = &cluster->queue;

	if (known <= cluster->now)
		known = cluster->controller_free =
		    fmax(cluster->controller_free, cluster->now) + cluster->unit_seconds;
	unit->ready = known;
	while (*place && (*place)->ready <= unit->ready)
		place = &(*place)->next;
	unit->next = *place;
	*place = unit;
}

static void fill_queue(struct cluster *cluster)
{
	size_t together = cluster->plan->config->together;
	AUTO_FREE struct matrix_cell **cells = xcalloc(together, sizeof(struct matrix_cell *));
	clock_t began = clock();
	size_t n;

	while (cluster->in_queue < cluster->slots && (n = matrix_plan_next(cluster->plan, cells)) > 0) {
		struct unit *unit = xcalloc(1, sizeof(*unit));

		unit->n = n;
		unit->cells = xcalloc(n, sizeof(struct matrix_cell *));
		memcpy(unit->cells, cells, n * sizeof(struct matrix_cell *));
		for (size_t i = 0; i < n; i++)
			cells[i]->running = true;
		unit->seconds = seconds_of(cluster, unit);
		cluster->in_queue++;
		cluster->units++;
		submit(cluster, unit, cluster->now);
	}
	cluster->planning += clock() - began;
}

static void take_cell(struct cluster *cluster, const struct unit *unit, struct matrix_cell *cell, bool broke)
{
	const struct candidate *candidate = &cell->kernel->candidate;
	enum verdict verdict = broke ? VERDICT_BROKEN : fails(cluster, cell) ? VERDICT_BAD : VERDICT_GOOD;
	AUTO(record) record = { .verdict = verdict };

	record.boot = xstrdup(unit->n > 1 ? "shared" : "");
	record.candidate_name = xstrdup(cell->kernel->name);
	record.environment_name = xstrdup(cell->environment);
	record.scenario = xstrdup(cell->scenario);
	record.candidate = xstrdup(candidate->id);
	record.arch = xstrdup(candidate->arch);
	record.release = xstrdup(candidate->release);
	record.class = xstrdup(verdict_name(verdict));
	record.title = xstrdup("");
	record.guest_pagesize = candidate->pagesize;
	matrix_plan_take(cluster->plan, cell, &record);
	cluster->broken += cell->broken;
}

static void take_in(struct cluster *cluster, struct unit *unit, bool broke)
{
	for (size_t i = 0; i < unit->n; i++)
		take_cell(cluster, unit, unit->cells[i], broke);
	cluster->useful += broke ? 0 : unit->seconds;
	cluster->in_queue--;
	free(unit->cells);
	free(unit);
	fill_queue(cluster);
}

/* A try on a host came to nothing, as is known at `at`: again elsewhere, or no more. */
static void try_again(struct cluster *cluster, struct unit *unit, unsigned host, double at)
{
	unit->avoid[unit->tries++] = host;
	if (unit->tries == RUNTIME_TRIES) {
		take_in(cluster, unit, true);
		return;
	}
	cluster->retries++;
	submit(cluster, unit, at);
}

/* --- hosts -------------------------------------------------------------------------------------------- */

static bool avoids(const struct unit *unit, unsigned host)
{
	for (unsigned i = 0; i < unit->tries; i++)
		if (unit->avoid[i] == host)
			return true;
	return false;
}

/* Gives a host that is idle the first unit that may run there. */
static void give_work(struct cluster *cluster, unsigned i)
{
	struct bench_host *host = &cluster->hosts[i];

	for (struct unit **at = &cluster->queue; *at && (*at)->ready <= cluster->now; at = &(*at)->next) {
		struct unit *unit = *at;

		if (avoids(unit, i))
			continue;
		*at = unit->next;
		host->unit = unit;
		host->since = cluster->now;
		host->until = cluster->now + unit->seconds;
		return;
	}
}

static void end_unit(struct cluster *cluster, unsigned i)
{
	struct bench_host *host = &cluster->hosts[i];
	struct unit *unit = steal_pointer(&host->unit);

	cluster->busy += cluster->now - host->since;
	if (breaks(cluster, unit))
		try_again(cluster, unit, i, cluster->now);
	else
		take_in(cluster, unit, false);
}

static void die(struct cluster *cluster, unsigned i)
{
	struct bench_host *host = &cluster->hosts[i];
	struct unit *unit = steal_pointer(&host->unit);

	cluster->deaths++;
	host->back = cluster->now + DOWN;
	host->dies = host->back + life(cluster);
	if (!unit)
		return;
	cluster->busy += cluster->now - host->since;
	cluster->lost++;
	try_again(cluster, unit, i, cluster->now + NOTICE);
}

static double next_of(const struct cluster *cluster, const struct bench_host *host)
{
	if (host->back > cluster->now)
		return host->back;
	return host->unit ? fmin(host->until, host->dies) : host->dies;
}

static void pass(struct cluster *cluster, unsigned i)
{
	struct bench_host *host = &cluster->hosts[i];

	if (host->back > cluster->now)
		return;
	if (host->dies <= cluster->now)
		die(cluster, i);
	else if (host->unit && host->until <= cluster->now)
		end_unit(cluster, i);
}

/* Until nothing is under way. */
static void run(struct cluster *cluster)
{
	fill_queue(cluster);
	while (cluster->in_queue) {
		double next = INFINITY;

		for (unsigned i = 0; i < cluster->n_hosts; i++) {
			struct bench_host *host = &cluster->hosts[i];

			if (!host->unit && host->back <= cluster->now)
				give_work(cluster, i);
			next = fmin(next, next_of(cluster, host));
		}
		if (cluster->queue && cluster->queue->ready > cluster->now)
			next = fmin(next, cluster->queue->ready);
		cluster->now = next;
		for (unsigned i = 0; i < cluster->n_hosts; i++)
			pass(cluster, i);
	}
}

/* --- the matrix --------------------------------------------------------------------------------------- */

static void write_config(unsigned cells, unsigned together, struct buf *out)
{
	static const char *const disks[] = { "\"filesystem\": \"btrfs\", \"nocow\": true",
					     "\"filesystem\": \"btrfs\", \"nocow\": false",
					     "\"filesystem\": \"ext4\", \"nocow\": false",
					     "\"filesystem\": \"xfs\", \"nocow\": false" };

	buf_adds(out, "{ \"candidates\": [");
	for (int i = 0; i < KERNELS; i++)
		buf_addf(out, "%s\"k%d\"", i ? ", " : "", i);
	buf_adds(out, "], \"environments\": [");
	for (int i = 0; i < 16; i++)
		buf_addf(out, "%s{ \"name\": \"e%d\", \"set\": { %s, \"smp\": %d, \"memory\": %d } }",
			 i ? ", " : "", i, disks[i % 4], 1 + i / 4 % 2, 512 + 512 * (i / 8));
	buf_addf(out, "], \"scenarios\": [\"ltp-aiodio.part1:AD001-AD%03u\"], \"together\": %u }",
		 cells / (KERNELS * 16), together);
}

static void make_kernels(struct matrix_kernel *kernels, const struct matrix_config *config)
{
	for (int i = 0; i < KERNELS; i++) {
		bool is_x86 = i % 3 == 2;

		kernels[i].name = config->candidates[i].name;
		kernels[i].candidate =
		    (struct candidate){ .id = config->candidates[i].name,
					.arch = is_x86 ? (char *)"x86_64" : (char *)"ppc64le",
					.release = config->candidates[i].name,
					.pagesize = i % 3 ? 4096 : 65536 };
	}
}

static void print(const struct cluster *cluster)
{
	double hosts = cluster->n_hosts, all = cluster->now * hosts;

	printf(
	    "%zu cells, %u in a boot, %.0f ms a unit, %u hosts: %u units, %.2f h, slots busy %.1f %%, %.0f times as "
	    "fast as one host; %u deaths, %u units lost, %u tried again, %u cells given up; the plan itself %.1f ms a "
	    "unit\n",
	    cluster->plan->n, cluster->plan->config->together, 1000 * cluster->unit_seconds, cluster->n_hosts,
	    cluster->units, cluster->now / 3600, 100 * cluster->busy / all, cluster->useful / cluster->now,
	    cluster->deaths, cluster->lost, cluster->retries, cluster->broken,
	    1000.0 * (double)cluster->planning / CLOCKS_PER_SEC / cluster->units);
}

static int simulate(unsigned cells, unsigned together, struct cluster *cluster, struct err *err)
{
	AUTO(setup) setup = SETUP_INIT;
	AUTO(matrix_config) config = MATRIX_CONFIG_INIT;
	AUTO(matrix_plan) plan = MATRIX_PLAN_INIT;
	struct cells none = CELLS_INIT;
	struct matrix_kernel kernels[KERNELS] = { { .name = NULL } };
	AUTO(buf) text = BUF_INIT;
	AUTO(strv) labels = STRV_INIT;

	write_config(cells, together, &text);
	if (setup_open(NULL, &setup, err) < 0 ||
	    matrix_config_parse("hosts.json", text.s, text.len, &config, err) < 0)
		return -1;
	make_kernels(kernels, &config);
	if (matrix_plan_scenarios(&setup, &config, &labels, err) < 0 ||
	    matrix_plan_make(&setup, &config, &labels, kernels, &none, &plan, err) < 0)
		return -1;
	cluster->plan = &plan;
	run(cluster);
	print(cluster);
	return 0;
}

int main(int argc, char **argv)
{
	AUTO(err) err = ERR_INIT;
	struct cluster cluster = { .random = 1, .lifetime = (argc > 5 ? atof(argv[5]) : 2) * 86400 };
	AUTO_FREE struct bench_host *hosts = NULL;

	if (argc < 5 || atoi(argv[2]) < RUNTIME_TRIES) { /* what breaks fewer would be tried for ever */
		fprintf(stderr, "usage: hosts CELLS HOSTS TOGETHER UNIT-MS [DAYS], of at least %d HOSTS\n",
			RUNTIME_TRIES);
		return 129;
	}
	cluster.n_hosts = (unsigned)atoi(argv[2]);
	cluster.slots = cluster.n_hosts + cluster.n_hosts / 2;
	cluster.unit_seconds = atof(argv[4]) / 1000;
	cluster.hosts = hosts = xcalloc(cluster.n_hosts, sizeof(*hosts));
	for (unsigned i = 0; i < cluster.n_hosts; i++)
		hosts[i].dies = life(&cluster);
	if (simulate((unsigned)atoi(argv[1]), (unsigned)atoi(argv[3]), &cluster, &err) == 0)
		return 0;
	fprintf(stderr, "hosts: %s\n", err.text);
	return 128;
}
