/*
 * What a test program in the guest wrote, line by line as guest/exec.c cuts it: the first byte says how it ended, the second
 * which judge reads it. However it lies in its lines:
 *  - it passes only with status 0, and for KTAP with a result that is ok, none that is not, all that its plan promises, and
 *    no bail-out; for a pattern when no line has it;
 *  - it is skipped only as its judge's documentation says, and never when a line has failed it.
 */
#include <assert.h>
#include <sys/wait.h>

#include "valid.h"

/* The guest's own; NOLINTBEGIN(bugprone-suspicious-include): there is no library to link */
#include "emit.c"
#include "result.c"
#include "util.c"
/* NOLINTEND(bugprone-suspicious-include) */

#define LINE_MAX_BYTES 256
#define PATTERN	       "BUG|fail(ed)?$"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What lines say, read another way. */
struct said {
	bool ok, not_ok, bailed, matched, skipped;
	unsigned long long outer, planned;
};

static bool begins(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

static bool is_result(const char *line, const char *word)
{
	size_t n = strlen(word);

	return begins(line, word) && (line[n] == '\0' || line[n] == ' ' || line[n] == '\t');
}

static void note(struct said *said, const char *line)
{
	static regex_t pattern;
	static bool compiled;
	bool waived = strstr(line, "# SKIP") || strstr(line, "# TODO");
	const char *text = line + strspn(line, " \t");

	if (!compiled)
		compiled = regcomp(&pattern, PATTERN, REG_EXTENDED | REG_NOSUB) == 0;
	said->matched |= regexec(&pattern, line, 0, NULL, 0) == 0;
	if (begins(line, "1..")) {
		said->planned = strtoull(line + 3, NULL, 10);
		said->skipped |= !said->planned;
		return;
	}
	said->bailed |= begins(text, "Bail out!");
	if (!is_result(text, "ok") && !is_result(text, "not ok"))
		return;
	said->outer += text == line;
	said->skipped |= waived;
	said->ok |= !waived && is_result(text, "ok");
	said->not_ok |= !waived && is_result(text, "not ok");
}

static void feed(const uint8_t *data, size_t size, struct result *result, struct said *said)
{
	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t n = end ? (size_t)(end - data) - at : size - at;
		size_t cut = n > LINE_MAX_BYTES ? LINE_MAX_BYTES : n;
		char line[LINE_MAX_BYTES + 1];

		memcpy(line, data + at, cut);
		line[cut] = '\0';
		result_line(result, (const char *)data + at, cut);
		note(said, line);
		at += cut + (cut == n && end);
	}
}

static void check(const struct said *said, enum judge judge, int status, const struct outcome *outcome)
{
	bool failed = outcome_failed(outcome), exited = WIFEXITED(status);
	int code = exited ? WEXITSTATUS(status) : -1;

	assert(!outcome->skip || !failed);
	if (!failed && !outcome->skip) {
		assert(exited && code == 0);
		if (judge == JUDGE_KTAP)
			assert(said->ok && !said->not_ok && !said->bailed && said->outer >= said->planned);
		assert(judge != JUDGE_REGEX || !said->matched);
	}
	if (outcome->skip) {
		assert(judge == JUDGE_LTP ? code == 32
		       : judge == JUDGE_EXIT
			   ? code == 125
			   : judge == JUDGE_KTAP && !said->ok && !said->not_ok && !said->bailed);
		assert(judge != JUDGE_KTAP || code == 4 || (code == 0 && said->skipped));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan plan = { .pattern = PATTERN };
	struct outcome outcome = { .skip = false };
	struct said said = { .ok = false };
	struct result result;
	int status;

	if (size < 2)
		return 0;
	/* Exit codes by letters and digits, signals by the others. */
	status = data[0] >= '0' && data[0] <= '9' ? (data[0] - '0') << 8
		 : data[0] == 'S'		  ? 32 << 8
		 : data[0] == 'B'		  ? 125 << 8
						  : data[0] % 32 + 1;
	plan.judge = data[1] % (JUDGE_REGEX + 1);
	result_init(&result, &plan);
	feed(data + 2, size - 2, &result, &said);
	result_judge(&result, status, &outcome);
	fuzz_must_read(!outcome.skip && !outcome_failed(&outcome));
	check(&said, (enum judge)plan.judge, status, &outcome);
	return 0;
}
