#include "report/html_dump.h"

static struct health_class *class_of(struct health *health, const struct record *record)
{
	for (size_t i = 0; i < health->n_classes; i++)
		if (health->classes[i].verdict == record->verdict &&
		    str_eq(health->classes[i].class, record->class))
			return &health->classes[i];
	GROW(health->classes, health->n_classes, health->cap_classes);
	health->classes[health->n_classes] =
	    (struct health_class){ record->verdict, xstrdup(record->class), 0 };
	return &health->classes[health->n_classes++];
}

static struct health_boots *boots_of(struct health *health, const struct record *record)
{
	for (size_t i = 0; i < health->n_boots; i++)
		if (str_eq(health->boots[i].arch, record->arch) &&
		    str_eq(health->boots[i].accelerator, record->accelerator))
			return &health->boots[i];
	GROW(health->boots, health->n_boots, health->cap_boots);
	health->boots[health->n_boots] = (struct health_boots){ .arch = xstrdup(record->arch),
								.accelerator = xstrdup(record->accelerator) };
	return &health->boots[health->n_boots++];
}

static void add_boot(struct health *health, const struct record *record)
{
	struct health_boots *boots = boots_of(health, record);

	if (boots->n == boots->cap) {
		boots->cap = boots->cap ? 2 * boots->cap : 64;
		for (int p = 0; p < TRIAL_PHASE_N; p++)
			boots->ms[p] = xreallocarray(boots->ms[p], boots->cap, sizeof(*boots->ms[p]));
	}
	for (int p = 0; p < TRIAL_PHASE_N; p++)
		boots->ms[p][boots->n] = record->ms[p];
	boots->n++;
}

static void add_machine(struct health *health, const struct record *record)
{
	size_t i = 0;

	while (i < health->n_machines && !(str_eq(health->machines[i].machine, record->machine) &&
					   str_eq(health->machines[i].accelerator, record->accelerator)))
		i++;
	if (i == health->n_machines) {
		GROW(health->machines, health->n_machines, health->cap_machines);
		health->machines[health->n_machines++] =
		    (struct health_machine){ xstrdup(record->machine), xstrdup(record->accelerator), 0 };
	}
	health->machines[i].trials++;
}

void health_add(struct health *health, const struct record *record)
{
	health->trials++;
	health->verdicts[record->verdict]++;
	if (record->verdict == VERDICT_SKIP || record->verdict == VERDICT_BROKEN)
		class_of(health, record)->trials++;
	if (*record->machine)
		add_machine(health, record);
	/* The others of a shared boot have no phases of their own, and one that did not come up no time. */
	if (record->guest_pagesize && record->ms[TRIAL_KERNEL])
		add_boot(health, record);
}

static int by_size(const void *pa, const void *pb)
{
	const int64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

int64_t health_median(const struct health_boots *boots, enum trial_phase phase)
{
	int64_t *ms = boots->ms[phase];

	qsort(ms, boots->n, sizeof(*ms), by_size);
	return (ms[(boots->n - 1) / 2] + ms[boots->n / 2]) / 2;
}

void health_release(struct health *health)
{
	for (size_t i = 0; i < health->n_classes; i++)
		free(health->classes[i].class);
	for (size_t i = 0; i < health->n_boots; i++) {
		free(health->boots[i].arch);
		free(health->boots[i].accelerator);
		for (int p = 0; p < TRIAL_PHASE_N; p++)
			free(health->boots[i].ms[p]);
	}
	for (size_t i = 0; i < health->n_machines; i++) {
		free(health->machines[i].machine);
		free(health->machines[i].accelerator);
	}
	free(health->classes);
	free(health->boots);
	free(health->machines);
	*health = (struct health)HEALTH_INIT;
}

static void add_share(struct html *html, enum verdict verdict, const char *class, unsigned trials,
		      unsigned all)
{
	html_open(html, "tr");
	html_open(html, "th", "scope", "row");
	add_verdict(html, verdict_name(verdict), verdict_name(verdict));
	html_close(html, "th");
	html_element(html, "td", class);
	html_open(html, "td", "class", "number");
	html_textf(html, "%u of %u", trials, all);
	html_close(html, "td");
	html_open(html, "td", "class", "number");
	html_textf(html, "%.1f %%", 100.0 * trials / all);
	html_close(html, "td");
	html_close(html, "tr");
}

static void add_shares(const struct health *health, struct html *html)
{
	static const char *const columns[] = { "verdict", "class", "trials", "share", NULL };

	table_begin(html, "Trials that say nothing, by reason", columns);
	for (size_t i = 0; i < health->n_classes; i++)
		add_share(html, health->classes[i].verdict, health->classes[i].class,
			  health->classes[i].trials, health->trials);
	for (int v = VERDICT_SKIP; v <= VERDICT_BROKEN; v++)
		add_share(html, (enum verdict)v, "all", health->verdicts[v], health->trials);
	table_end(html);
}

static void add_boots(const struct health *health, struct html *html)
{
	const char *columns[TRIAL_PHASE_N + 4] = { "arch", "accelerator", "boots" };

	for (int p = 0; p < TRIAL_PHASE_N; p++)
		columns[3 + p] = trial_phase_name((enum trial_phase)p);
	table_begin(html, "Boots by architecture: the median of each phase, in seconds", columns);
	for (size_t i = 0; i < health->n_boots; i++) {
		const struct health_boots *boots = &health->boots[i];

		html_open(html, "tr");
		html_element(html, "th", boots->arch, "scope", "row");
		html_element(html, "td", boots->accelerator);
		html_open(html, "td", "class", "number");
		html_textf(html, "%zu", boots->n);
		html_close(html, "td");
		for (int p = 0; p < TRIAL_PHASE_N; p++) {
			html_open(html, "td", "class", "number");
			html_textf(html, "%.1f", (double)health_median(boots, (enum trial_phase)p) / 1000);
			html_close(html, "td");
		}
		html_close(html, "tr");
	}
	table_end(html);
}

static void add_machines(const struct health *health, struct html *html)
{
	static const char *const columns[] = { "machine", "accelerator", "trials", NULL };

	table_begin(html, "What the trials ran on", columns);
	for (size_t i = 0; i < health->n_machines; i++) {
		html_open(html, "tr");
		html_element(html, "th", health->machines[i].machine, "scope", "row");
		html_element(html, "td", health->machines[i].accelerator);
		html_open(html, "td", "class", "number");
		html_textf(html, "%u", health->machines[i].trials);
		html_close(html, "td");
		html_close(html, "tr");
	}
	table_end(html);
}

void part_health(const struct dump *dump, struct html *html)
{
	const struct health *health = &dump->health;

	html_raw(html, "<section id=\"health\"><h2>Health of the harness</h2>\n");
	if (health->trials) {
		add_shares(health, html);
		if (health->n_boots)
			add_boots(health, html);
		if (health->n_machines)
			add_machines(health, html);
	}
	html_close(html, "section");
}
