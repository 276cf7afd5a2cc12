#include "campaign/matrix.h"

#include "base/progress.h"

/* What to compare with. A campaign that was begun keeps what it was begun with. */
static void find_before(const struct setup *setup, const struct campaign *begun, struct matrix_job *job)
{
	AUTO(err) damaged = ERR_INIT;

	if (begun)
		job->previous = xstrdup(begun->previous);
	else if (job->config.name)
		job->previous = matrix_newest(setup, job->config.name);
	if (!job->previous)
		job->previous = xstrdup("");
	if (cells_load(setup->results, job->previous, &job->before, &damaged) < 0)
		progress_step("%s: it is not compared with, as far as it is damaged", damaged.text);
}

int matrix_open(const struct setup *setup, const char *path, const struct buf *text,
		const struct campaign *begun, struct matrix_job *job, struct err *err)
{
	AUTO(strv) labels = STRV_INIT;

	if (matrix_config_parse(path, text->s, text->len, &job->config, err) < 0)
		return -1;
	if (matrix_plan_scenarios(setup, &job->config, &labels, err) < 0)
		return err_wrap(err, "%s", path);
	find_before(setup, begun, job);
	job->kernels = matrix_kernels(setup, &job->config, begun ? &begun->candidates : NULL, err);
	if (!job->kernels)
		return -1;
	if (matrix_plan_make(setup, &job->config, &labels, job->kernels, &job->before, &job->plan, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

void matrix_close(struct matrix_job *job)
{
	matrix_plan_release(&job->plan);
	matrix_kernels_free(job->kernels, job->config.n_candidates);
	cells_release(&job->before);
	free(job->previous);
	matrix_config_release(&job->config);
}
