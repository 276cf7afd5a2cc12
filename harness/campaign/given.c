#include "campaign/given.h"

#include "base/fs.h"
#include "bisect/evidence.h"
#include "campaign/history.h"

#define LIMIT (16u << 20)

static bool is_git(const char *text)
{
	return str_starts(text, "git bisect") || strstr(text, "\ngit bisect");
}

/* The form of git becomes ours: one line for each candidate. */
static int normalise(const char *path, const char *text, const struct graph *graph, struct campaign *campaign,
		     struct err *err)
{
	struct model *model = model_new(MODEL_FLAKY);
	AUTO(engine) engine = ENGINE_INIT;
	AUTO(buf) lines = BUF_INIT;
	char *rest, *line;
	int status;

	engine_init(&engine, &(struct engine_config){ .graph = graph,
						      .model = model,
						      .fix = str_eq(campaign->find, "fix"),
						      .confidence = campaign->confidence });
	status = (is_git(text) ? evidence_read_git : evidence_read)(path, text, &engine, err);
	evidence_write(&engine, &lines);
	model_free(model);
	if (status < 0)
		return -1;
	rest = lines.s;
	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			strv_add(&campaign->given, line);
	return 0;
}

int given_read(const char *path, struct campaign *campaign, struct err *err)
{
	AUTO(graph) graph = GRAPH_INIT;
	AUTO(buf) text = BUF_INIT;

	if (fs_read(path, LIMIT, &text, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	if (graph_from_list((const char *const *)campaign->candidates.v, campaign->candidates.n, &graph,
			    err) < 0)
		return -1;
	return normalise(path, text.s, &graph, campaign, err);
}
