#include "bisect/lumps.h"

/* Bitsets of all suspects: which of the candidates show it. */
static uint64_t *find_shown_by(const struct graph *graph, const struct lumps *lumps)
{
	size_t words = lumps->words;
	uint64_t *bits = xcalloc(graph->suspects * words, sizeof(*bits));

	for (size_t i = 0; i < lumps->n_candidates; i++)
		if (graph_is_suspect(graph, lumps->candidates[i]))
			bits[lumps->candidates[i] * words + i / 64] |= UINT64_C(1) << (i % 64);
	for (size_t c = graph->suspects; c-- > 0;) {
		for (uint32_t e = graph->parent_at[c]; e < graph->parent_at[c + 1]; e++) {
			uint32_t parent = graph->parents[e];

			for (size_t w = 0; graph_is_suspect(graph, parent) && w < words; w++)
				bits[parent * words + w] |= bits[c * words + w];
		}
	}
	return bits;
}

/* --- which are alike ---------------------------------------------------------------------------------- */

struct table {
	uint32_t *slots; /* lump + 1 */
	size_t mask;
	const uint32_t *class_of;
	const uint64_t *bits; /* of each suspect */
};

static uint64_t hash_of(const struct table *table, uint32_t c, size_t words)
{
	uint64_t hash = table->class_of[c];

	for (size_t w = 0; w < words; w++)
		hash = ((hash ^ table->bits[c * words + w]) * UINT64_C(0x9e3779b97f4a7c15)) ^ hash >> 29;
	return hash ^ hash >> 32;
}

static bool is_like(const struct table *table, uint32_t a, uint32_t b, size_t words)
{
	return table->class_of[a] == table->class_of[b] &&
	       memcmp(table->bits + a * words, table->bits + b * words, words * sizeof(*table->bits)) == 0;
}

/* The lump of suspect c, which may be a new one. */
static uint32_t lump_for(struct table *table, struct lumps *lumps, uint32_t c)
{
	size_t at = hash_of(table, c, lumps->words) & table->mask;

	for (; table->slots[at]; at = (at + 1) & table->mask)
		if (is_like(table, lumps->first[table->slots[at] - 1], c, lumps->words))
			return table->slots[at] - 1;
	lumps->first[lumps->n] = c;
	table->slots[at] = (uint32_t)++lumps->n;
	return (uint32_t)lumps->n - 1;
}

static void gather(const struct posterior *posterior, const double *mass, const uint64_t *bits,
		   struct lumps *lumps)
{
	size_t suspects = posterior->graph->suspects, slots = 2;
	AUTO_FREE uint32_t *room = NULL;
	struct table table;

	while (slots < 2 * suspects)
		slots *= 2;
	room = xcalloc(slots, sizeof(*room));
	table = (struct table){ room, slots - 1, posterior->class_of, bits };
	lumps->first = xcalloc(suspects, sizeof(*lumps->first));
	lumps->size = xcalloc(suspects, sizeof(*lumps->size));
	lumps->mass = xcalloc(suspects, sizeof(*lumps->mass));
	lumps->lump_of = xcalloc(suspects, sizeof(*lumps->lump_of));
	for (uint32_t c = 0; c < suspects; c++) {
		uint32_t lump = lumps->lump_of[c] = mass[c] > 0 ? lump_for(&table, lumps, c) : GRAPH_NONE;

		if (lump == GRAPH_NONE)
			continue;
		lumps->size[lump]++;
		lumps->mass[lump] += mass[c];
	}
}

/* --- what candidates show ----------------------------------------------------------------------------- */

static void find_spans(struct lumps *lumps)
{
	size_t n = 0, cap = 0;

	lumps->span_at = xcalloc(lumps->n_candidates + 1, sizeof(*lumps->span_at));
	for (size_t i = 0; i < lumps->n_candidates; i++) {
		lumps->span_at[i] = (uint32_t)n;
		for (uint32_t lump = 0; lump < lumps->n; lump++) {
			if (!lumps_shows(lumps, i, lump))
				continue;
			if (n > lumps->span_at[i] && lumps->spans[n - 1].to == lump) {
				lumps->spans[n - 1].to++;
				continue;
			}
			GROW(lumps->spans, n, cap);
			lumps->spans[n++] = (struct graph_span){ lump, lump + 1 };
		}
	}
	lumps->span_at[lumps->n_candidates] = (uint32_t)n;
}

void lumps_make(const struct posterior *posterior, const double *mass, const bool *chosen,
		struct lumps *lumps)
{
	const struct graph *graph = posterior->graph;
	AUTO_FREE uint64_t *bits = NULL;

	lumps->candidates = xcalloc(graph->n, sizeof(*lumps->candidates));
	for (uint32_t t = 0; t < graph->n; t++)
		if (chosen[t])
			lumps->candidates[lumps->n_candidates++] = t;
	lumps->words = lumps->n_candidates / 64 + 1;
	bits = find_shown_by(graph, lumps);
	gather(posterior, mass, bits, lumps);
	lumps->bits = xcalloc(lumps->n * lumps->words, sizeof(*lumps->bits));
	for (size_t lump = 0; lump < lumps->n; lump++)
		memcpy(lumps->bits + lump * lumps->words, bits + lumps->first[lump] * lumps->words,
		       lumps->words * sizeof(*bits));
	find_spans(lumps);
}

void lumps_release(struct lumps *lumps)
{
	free(lumps->candidates);
	free(lumps->first);
	free(lumps->size);
	free(lumps->mass);
	free(lumps->lump_of);
	free(lumps->span_at);
	free(lumps->spans);
	free(lumps->bits);
	*lumps = (struct lumps)LUMPS_INIT;
}
