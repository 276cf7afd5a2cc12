/* Rates and factors, as campaign.json keeps them. */
#ifndef QB_STORE_FACTOR_H
#define QB_STORE_FACTOR_H

#include "base/buf.h"
#include "base/err.h"

/* What one side of a bisection, or one setting, has shown. */
struct campaign_rate {
	unsigned failures, trials;
	double low, high; /* 95 % interval, rate_interval() */
};

/* One difference between two settings, and what it has to do with the failure. */
struct factor {
	char *name;		   /* a key of the environment, or "kernel", "pagesize", ... */
	char *fails, *passes;	   /* its value where it fails, and where it passes */
	char *role;		   /* "necessary", "sufficient", "irrelevant", ... (bisect/factors.h) */
	char *rests_on;		   /* the swap that says most of it: "smp swapped" */
	struct campaign_rate rate; /* of that swap */
	char *reason;		   /* why it is undecided or could not be swapped alone; "" */
};

struct factor_list {
	struct factor *v;
	size_t n, cap;
};
#define FACTOR_LIST_INIT                                                                                     \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

/* Appends an empty one, which is the list's and stays in place until the next; its texts are to be set. */
struct factor *factor_list_add(struct factor_list *list);

/* To and from JSON (config/json.h). Reading: a member that is not there is an empty list. */
struct json_object;
struct json_node;
void rate_put(struct json_object *object, const struct campaign_rate *rate);
int rate_get(const struct json_node *root, const char *key, struct campaign_rate *rate, struct err *err);
void factor_list_put(struct json_object *array, const struct factor_list *list);
int factor_list_get(const struct json_node *root, const char *key, struct factor_list *list, struct err *err);

void factor_list_release(struct factor_list *list);

#endif
