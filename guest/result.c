#include "result.h"

#include <signal.h>
#include <sys/wait.h>

#define TCONF	    32
#define BISECT_SKIP 125
#define KSFT_SKIP   4

void result_init(struct result *result, const struct plan *plan)
{
	*result = (struct result){ .judge = (enum judge)plan->judge };
	if (result->judge == JUDGE_REGEX &&
	    regcomp(&result->pattern, plan->pattern, REG_EXTENDED | REG_NOSUB))
		broken(0, "pattern '%s' is no extended regular expression", plan->pattern);
}

/* The plan, "1..5"; "1..0 # SKIP reason" says that there is nothing to test. */
static bool take_plan(struct result *result, const char *line)
{
	char *end;

	if (strncmp(line, "1..", 3) != 0)
		return false;
	result->planned = strtoull(line + 3, &end, 10);
	if (end > line + 3 && !result->planned)
		result->skipped++;
	return true;
}

/* "ok 1 - name # SKIP reason", "not ok 2 name # TODO reason"; nested ones are indented, and the plan does not
 * count them. */
static void take_ktap(struct result *result, const char *line)
{
	size_t indent = strspn(line, " \t");
	bool bad, waived;

	if (!indent && take_plan(result, line))
		return;
	line += indent;
	if (strncmp(line, "Bail out!", 9) == 0)
		result->bailed_out = true;
	bad = strncmp(line, "not ok", 6) == 0;
	line += bad ? 4 : 0;
	if (strncmp(line, "ok", 2) != 0 || !strchr(" \t", line[2]))
		return;
	result->outermost += !indent;
	waived = strstr(line, "# SKIP") || strstr(line, "# TODO");
	if (waived)
		result->skipped++;
	else if (!bad)
		result->ok++;
	else if (!result->not_ok)
		result->not_ok = result->lines;
}

void result_line(struct result *result, const char *line, size_t len)
{
	char text[512];

	result->lines++;
	snprintf(text, sizeof(text), "%.*s", (int)len, line);
	if (result->judge == JUDGE_KTAP)
		take_ktap(result, text);
	else if (result->judge == JUDGE_REGEX && !result->match &&
		 regexec(&result->pattern, text, 0, NULL, 0) == 0)
		result->match = result->lines;
}

/* What a line has failed. */
static bool judge_lines(const struct result *result, struct outcome *outcome)
{
	uint64_t line = result->judge == JUDGE_KTAP ? result->not_ok : result->match;

	if (!line)
		return false;
	outcome_fail(outcome, result->judge == JUDGE_KTAP ? GUEST_KIND_NOT_OK : GUEST_KIND_MATCH, 0, NULL);
	outcome_number(outcome, GUEST_DETAIL_LINE, line);
	return true;
}

/* Less came than the program promised. */
static bool is_cut(const struct result *result)
{
	return result->bailed_out || result->outermost < result->planned;
}

static bool is_skip(const struct result *result, int status)
{
	switch (result->judge) {
	case JUDGE_LTP:
		return status == TCONF;
	case JUDGE_EXIT:
		return status == BISECT_SKIP;
	case JUDGE_KTAP:
		return !result->ok && !result->bailed_out &&
		       (status == KSFT_SKIP || (!status && result->skipped && !is_cut(result)));
	default:
		return false;
	}
}

static void judge_status(const struct result *result, int status, struct outcome *outcome)
{
	static const enum guest_kind kinds[] = {
		[JUDGE_LTP] = GUEST_KIND_EXEC,
		[JUDGE_EXIT] = GUEST_KIND_EXIT,
		[JUDGE_KTAP] = GUEST_KIND_NO_RESULT,
		[JUDGE_REGEX] = GUEST_KIND_NO_RESULT,
	};
	bool good = !status && (result->judge != JUDGE_KTAP || (result->ok && !is_cut(result)));

	outcome->skip = is_skip(result, status);
	if (good)
		return;
	if (!outcome->skip)
		outcome_fail(outcome, kinds[result->judge], 0, NULL);
	outcome_number(outcome, GUEST_DETAIL_STATUS, (uint64_t)status);
}

void result_judge(struct result *result, int status, struct outcome *outcome)
{
	bool failed = judge_lines(result, outcome);

	if (result->judge == JUDGE_REGEX)
		regfree(&result->pattern);
	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		outcome_fail(outcome, GUEST_KIND_SIGNAL, 0, NULL);
		outcome_word(outcome, GUEST_DETAIL_SIGNAL, name ? name : "unknown");
	} else if (failed) {
		outcome_number(outcome, GUEST_DETAIL_STATUS, (uint64_t)WEXITSTATUS(status));
	} else {
		judge_status(result, WEXITSTATUS(status), outcome);
	}
}
