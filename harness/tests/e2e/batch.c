/*
 * Several scenarios in a boot, by hand and for the tests:
 *
 *	batch HOME URI KERNEL SIZE SELECTION [KEY=VALUE]...
 *
 * asks the kernel each scenario of the selection (config/scenario.h), SIZE of them in a boot, and prints the
 * campaign as one JSON object. URI "" is the default back end.
 */
#include "campaign/booth.h"
#include "cmd.h"
#include "kernel/catalog.h"
#include "report/report.h"

struct job {
	const char *home, *uri, *kernel, *selection;
	size_t size;
	struct strv set;
};

/* What is asked, in order. */
struct asked {
	struct question *question;
	const struct question **each;
	char **label;
	size_t n;
};

static void asked_release(struct asked *asked)
{
	for (size_t i = 0; i < asked->n; i++)
		free(asked->label[i]);
	free(asked->label);
	free(asked->question);
	free(asked->each);
}
AUTO_DEFINE(asked, struct asked, asked_release);

static int make_questions(const struct setup *setup, const struct job *job, struct asked *asked,
			  struct err *err)
{
	AUTO(scenario_choice) choice = SCENARIO_CHOICE_INIT;
	const struct plan_program none = { NULL, NULL };

	if (scenario_select(&setup->scenarios, job->selection, &choice, err) < 0)
		return -1;
	asked->question = xcalloc(choice.n, sizeof(*asked->question));
	asked->each = xcalloc(choice.n, sizeof(*asked->each));
	asked->label = xcalloc(choice.n, sizeof(*asked->label));
	for (; asked->n < choice.n; asked->n++) {
		size_t i = asked->n;
		AUTO(buf) label = BUF_INIT;

		scenario_label(&setup->scenarios, choice.v[i], &label);
		asked->label[i] = buf_steal(&label);
		asked->each[i] = &asked->question[i];
		if (question_make(setup, asked->label[i], &job->set, &none, 1, &asked->question[i], err) < 0)
			return -1;
	}
	return 0;
}

static int ask(const struct setup *setup, const struct candidate *candidate, const struct job *job,
	       const struct asked *asked, const struct campaign *campaign, struct err *err)
{
	AUTO(booth) booth = BOOTH_INIT;
	unsigned number = 0;

	if (booth_open(setup, asked->each[0], candidate, &booth, err) < 0)
		return -1;
	for (size_t i = 0; i < asked->n; i += job->size) {
		size_t n = asked->n - i < job->size ? asked->n - i : job->size;
		AUTO(record_list) records = { xcalloc(n, sizeof(struct record)), n, n };

		if (booth_batch(&booth, asked->each + i, n, campaign, &number, candidate->id, records.v,
				err) < 0)
			return -1;
	}
	return 0;
}

static int work(void *arg, struct err *err)
{
	const struct job *job = arg;
	AUTO(setup) setup = SETUP_INIT;
	AUTO(asked) asked = { NULL, NULL, NULL, 0 };
	AUTO(candidate) candidate = CANDIDATE_INIT;
	AUTO(campaign) campaign = CAMPAIGN_INIT;
	AUTO(record_list) records = RECORD_LIST_INIT;
	AUTO(buf) text = BUF_INIT;

	str_replace(&campaign.kind, "run");
	strv_add(&campaign.candidates, job->kernel);
	if (setup_open(job->home, &setup, err) < 0 || make_questions(&setup, job, &asked, err) < 0 ||
	    catalog_find(setup.catalog, job->kernel, &candidate, err) < 0 ||
	    setup_connect(&setup, *job->uri ? job->uri : NULL, NULL, err) < 0 ||
	    campaign_create(&campaign, setup.results, err) < 0 ||
	    ask(&setup, &candidate, job, &asked, &campaign, err) < 0 ||
	    campaign_records(&campaign, &records, err) < 0)
		return -1;
	report_json(&campaign, &records, &text);
	fputs(text.s, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = { .set = STRV_INIT };

	if (argc < 6 || atoi(argv[4]) < 1) {
		fprintf(stderr, "usage: %s HOME URI KERNEL SIZE SELECTION [KEY=VALUE]...\n", argv[0]);
		return 129;
	}
	job.home = argv[1];
	job.uri = argv[2];
	job.kernel = argv[3];
	job.size = (size_t)atoi(argv[4]);
	job.selection = argv[5];
	for (int i = 6; i < argc; i++)
		strv_add(&job.set, argv[i]);
	return cmd_supervise(work, &job);
}
