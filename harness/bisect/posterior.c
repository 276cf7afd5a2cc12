#include "bisect/posterior.h"

#include <math.h>

void posterior_init(struct posterior *posterior, const struct graph *graph, const struct model *model,
		    const double *prior, bool fix)
{
	*posterior = (struct posterior){ .graph = graph, .model = model, .prior = prior, .fix = fix };
	posterior->failures = xcalloc(graph->n, sizeof(*posterior->failures));
	posterior->trials = xcalloc(graph->n, sizeof(*posterior->trials));
	posterior->class_of = xcalloc(graph->suspects, sizeof(*posterior->class_of));
	posterior->shown = xcalloc(graph->n, sizeof(*posterior->shown));
	GROW(posterior->classes, 0, posterior->cap_classes);
	posterior->classes[0] = (struct posterior_class){ .first = 0 };
	posterior->n_classes = 1;
	posterior->stale = true;
}

/* Splits each class into those that the candidate shows and the others, which keep the number. */
static void split_classes(struct posterior *posterior, const uint8_t *shown)
{
	size_t old = posterior->n_classes;
	AUTO_FREE uint32_t *part = xcalloc(old, sizeof(*part));	  /* the class of those shown, + 1 */
	AUTO_FREE uint32_t *stays = xcalloc(old, sizeof(*stays)); /* first of the others, + 1 */

	for (uint32_t c = 0; c < posterior->graph->suspects; c++)
		if (!shown[c] && !stays[posterior->class_of[c]])
			stays[posterior->class_of[c]] = c + 1;
	for (uint32_t c = 0; c < posterior->graph->suspects; c++) {
		uint32_t k = posterior->class_of[c];

		if (!shown[c] || !stays[k])
			continue;
		if (!part[k]) {
			GROW(posterior->classes, posterior->n_classes, posterior->cap_classes);
			posterior->classes[posterior->n_classes] = posterior->classes[k];
			posterior->classes[posterior->n_classes].first = c;
			posterior->classes[k].first = stays[k] - 1;
			part[k] = (uint32_t)++posterior->n_classes;
		}
		posterior->class_of[c] = part[k] - 1;
	}
}

void posterior_add(struct posterior *posterior, uint32_t candidate, unsigned failures, unsigned trials)
{
	uint8_t *shown = posterior->shown[candidate];

	if (!trials)
		return;
	if (!shown) {
		shown = posterior->shown[candidate] = xcalloc(posterior->graph->suspects, 1);
		graph_shown_by(posterior->graph, candidate, shown);
		split_classes(posterior, shown);
	}
	for (size_t k = 0; k < posterior->n_classes; k++) {
		if (!shown[posterior->classes[k].first])
			continue;
		posterior->classes[k].failures += failures;
		posterior->classes[k].trials += trials;
	}
	posterior->failures[candidate] += failures;
	posterior->trials[candidate] += trials;
	posterior->all_failures += failures;
	posterior->all_trials += trials;
	posterior->stale = true;
}

static struct model_counts class_counts(const struct posterior *posterior,
					const struct posterior_class *class)
{
	unsigned passes = class->trials - class->failures;
	unsigned other_failures = posterior->all_failures - class->failures;
	unsigned other_passes = posterior->all_trials - class->trials - other_failures;

	if (posterior->fix)
		return (struct model_counts){ other_failures, other_passes, class->failures, passes };
	return (struct model_counts){ class->failures, passes, other_failures, other_passes };
}

struct model_counts posterior_counts(const struct posterior *posterior, uint32_t suspect)
{
	return class_counts(posterior, &posterior->classes[posterior->class_of[suspect]]);
}

static void look(struct posterior *posterior)
{
	for (size_t k = 0; posterior->stale && k < posterior->n_classes; k++) {
		struct model_counts counts = class_counts(posterior, &posterior->classes[k]);

		model_look(posterior->model, &counts, &posterior->classes[k].view);
	}
	posterior->stale = false;
}

static void make_room(const struct posterior *posterior, struct weights *out)
{
	if (!out->mass)
		out->mass = xcalloc(posterior->graph->suspects, sizeof(*out->mass));
	out->shown_rate = xreallocarray(out->shown_rate, posterior->n_classes, sizeof(*out->shown_rate));
	out->other_rate = xreallocarray(out->other_rate, posterior->n_classes, sizeof(*out->other_rate));
}

/* The largest log likelihood. */
static double find_top(const struct posterior *posterior)
{
	double top = -INFINITY;

	for (size_t k = 0; k < posterior->n_classes; k++)
		top = fmax(top, fmax(posterior->classes[k].view.clean, posterior->classes[k].view.flaky));
	return top;
}

struct likelihood {
	double all, flaky; /* of a class, relative to the top */
};

static struct likelihood weigh_class(const struct posterior *posterior, size_t k, double clean, double top,
				     struct weights *out)
{
	const struct model_view *view = &posterior->classes[k].view;
	double a = clean * exp(view->clean - top), b = (1 - clean) * exp(view->flaky - top);
	double bad = view->flaky_bad, good = view->flaky_good;

	if (a + b > 0) {
		bad = (a * view->clean_bad + b * view->flaky_bad) / (a + b);
		good = b * view->flaky_good / (a + b);
	}
	out->shown_rate[k] = posterior->fix ? good : bad;
	out->other_rate[k] = posterior->fix ? bad : good;
	return (struct likelihood){ a + b, b };
}

void posterior_weigh(struct posterior *posterior, double clean, struct weights *out)
{
	AUTO_FREE struct likelihood *of = xcalloc(posterior->n_classes, sizeof(*of));
	double top, sum = 0, flaky = 0, prior = 0;

	look(posterior);
	make_room(posterior, out);
	top = find_top(posterior);
	for (size_t k = 0; k < posterior->n_classes; k++)
		of[k] = weigh_class(posterior, k, clean, top, out);
	for (size_t c = 0; c < posterior->graph->suspects; c++) {
		double weight = posterior->prior ? posterior->prior[c] : 1;

		out->mass[c] = weight * of[posterior->class_of[c]].all;
		flaky += weight * of[posterior->class_of[c]].flaky;
		sum += out->mass[c];
		prior += weight;
	}
	for (size_t c = 0; c < posterior->graph->suspects; c++)
		out->mass[c] /= sum;
	out->flaky = flaky / sum;
	out->evidence = log(sum / prior) + top;
}

void weights_release(struct weights *weights)
{
	free(weights->mass);
	free(weights->shown_rate);
	free(weights->other_rate);
	*weights = (struct weights)WEIGHTS_INIT;
}

void posterior_release(struct posterior *posterior)
{
	for (size_t i = 0; posterior->shown && i < posterior->graph->n; i++)
		free(posterior->shown[i]);
	free(posterior->shown);
	free(posterior->failures);
	free(posterior->trials);
	free(posterior->class_of);
	free(posterior->classes);
}
