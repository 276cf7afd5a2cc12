#include "store/heads.h"

void heads_take(struct heads *heads, struct campaign *campaign)
{
	GROW(heads->v, heads->n, heads->cap);
	heads->v[heads->n++] = *campaign;
	*campaign = (struct campaign)CAMPAIGN_INIT;
}

static int by_start(const void *pa, const void *pb)
{
	const struct campaign *a = pa, *b = pb;
	int order = strcmp(a->started, b->started);

	return order ? order : strcmp(a->name, b->name);
}

int heads_load(const char *results, struct heads *heads, struct strv *damaged, struct err *err)
{
	AUTO(strv) names = STRV_INIT;

	if (campaign_list(results, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		AUTO(campaign) campaign = CAMPAIGN_INIT;
		AUTO(err) why = ERR_INIT;

		if (campaign_load(results, names.v[i], &campaign, &why) < 0)
			strv_addf(damaged, "%s: %s", names.v[i], why.text);
		else
			heads_take(heads, &campaign);
	}
	if (heads->n)
		qsort(heads->v, heads->n, sizeof(*heads->v), by_start);
	return 0;
}

void heads_release(struct heads *heads)
{
	for (size_t i = 0; i < heads->n; i++)
		campaign_release(&heads->v[i]);
	free(heads->v);
	*heads = (struct heads)HEADS_INIT;
}
