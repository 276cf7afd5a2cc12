#include "bisect/evidence.h"

#include "base/utf8.h"

#define REASON_LIMIT 500 /* bytes */

struct source {
	const char *name;
	size_t line;
	struct engine *engine;
};

static int wrong(const struct source *source, struct err *err, const char *expected, const char *found)
{
	return err_set(err, ERR_USAGE, "%s:%zu: expected %s, found '%.80s'", source->name, source->line,
		       expected, found);
}

static int find_candidate(const struct source *source, const char *id, uint32_t *out, struct err *err)
{
	*out = graph_find(source->engine->config.graph, id);
	if (*out == GRAPH_NONE)
		return err_set(
		    err, ERR_USAGE,
		    "%s:%zu: %.80s is no candidate of this search: give the full name of one between "
		    "its ends",
		    source->name, source->line, id);
	return 0;
}

/* Cuts the next word off *rest; "" at the end. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\r");

	*rest = word + strcspn(word, " \t\r");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool is_count(const char *word, unsigned *out)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || value > EVIDENCE_TRIALS_MAX)
		return false;
	*out = (unsigned)value;
	return true;
}

static int parse_count(const struct source *source, const char *word, unsigned *out, struct err *err)
{
	if (!is_count(word, out))
		return wrong(source, err, "a whole number of at most 1000000", word);
	return 0;
}

static int add_trials(const struct source *source, uint32_t candidate, unsigned failures, unsigned trials,
		      struct err *err)
{
	const struct engine *engine = source->engine;

	if (trials > EVIDENCE_TRIALS_MAX - engine->posterior.trials[candidate])
		return wrong(source, err, "at most 1000000 trials of one candidate",
			     engine->config.graph->ids[candidate]);
	engine_add(source->engine, candidate, failures, trials);
	return 0;
}

/* The reason is a stranger's words, which end on a terminal. */
static void skip(const struct source *source, uint32_t candidate, const char *reason)
{
	AUTO(buf) words = BUF_INIT;

	utf8_add_escaped(&words, reason, strlen(reason), REASON_LIMIT);
	engine_skip(source->engine, candidate, words.len ? words.s : "");
}

/* --- our own form ------------------------------------------------------------------------------------- */

void evidence_write(const struct engine *engine, struct buf *out)
{
	const struct graph *graph = engine->config.graph;
	const struct posterior *p = &engine->posterior;

	for (size_t i = 0; i < graph->n; i++) {
		if (p->trials[i])
			buf_addf(out, "trial %s %u %u\n", graph->ids[i], p->failures[i], p->trials[i]);
		if (engine->reasons[i])
			buf_addf(out, "skip %s %s\n", graph->ids[i], engine->reasons[i]);
	}
}

static int read_line(const struct source *source, char *line, struct err *err)
{
	const char *verb = next_word(&line), *id;
	unsigned failures, trials;
	uint32_t candidate;

	if (!*verb)
		return 0;
	if (!str_eq(verb, "trial") && !str_eq(verb, "skip"))
		return wrong(source, err, "'trial ID FAILURES TRIALS' or 'skip ID REASON'", verb);
	id = next_word(&line);
	if (find_candidate(source, id, &candidate, err) < 0)
		return -1;
	if (str_eq(verb, "skip")) {
		skip(source, candidate, line);
		return 0;
	}
	if (parse_count(source, next_word(&line), &failures, err) < 0 ||
	    parse_count(source, next_word(&line), &trials, err) < 0)
		return -1;
	if (failures > trials)
		return wrong(source, err, "no more failures than trials", id);
	return add_trials(source, candidate, failures, trials, err);
}

static int each_line(struct source *source, const char *text, void *arg,
		     int (*read)(const struct source *, char *, void *, struct err *), struct err *err)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(line);

		source->line++;
		if (len && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (read(source, line, arg, err) < 0)
			return -1;
	}
	return 0;
}

static int read_own(const struct source *source, char *line, void *arg, struct err *err)
{
	(void)arg;
	return read_line(source, line, err);
}

int evidence_read(const char *name, const char *text, struct engine *engine, struct err *err)
{
	struct source source = { name, 0, engine };

	return each_line(&source, text, NULL, read_own, err);
}

/* --- git's form --------------------------------------------------------------------------------------- */

static bool is_shown(struct engine *engine, uint32_t candidate)
{
	const struct graph *graph = engine->config.graph;
	AUTO_FREE uint8_t *shown = xcalloc(graph->suspects, 1);
	double sum = 0, mass;

	engine_best(engine, &mass);
	graph_shown_by(graph, candidate, shown);
	for (size_t c = 0; c < graph->suspects; c++)
		sum += shown[c] * engine->plain.mass[c];
	return sum >= 0.5;
}

static void write_git(struct engine *engine, uint32_t i, struct buf *out)
{
	const char *id = engine->config.graph->ids[i];
	const char *old = engine->config.fix ? "broken" : "good", *new = engine->config.fix ? "fixed" : "bad";
	unsigned failures = engine->posterior.failures[i], trials = engine->posterior.trials[i];
	const char *term = is_shown(engine, i) ? new : old;

	if (trials)
		buf_addf(out, "# %s: [%s] %u failures in %u trials\ngit bisect %s %s\n", term, id, failures,
			 trials, term, id);
	if (engine->reasons[i])
		buf_addf(out, "# skip: [%s] %s\ngit bisect skip %s\n", id, engine->reasons[i], id);
}

void evidence_write_git(struct engine *engine, struct buf *out)
{
	const struct graph *graph = engine->config.graph;

	buf_addf(out, "git bisect start%s\n",
		 engine->config.fix ? " '--term-old' 'broken' '--term-new' 'fixed'" : "");
	write_git(engine, graph_new_end(graph), out);
	for (uint32_t i = graph_old_end(graph); i < graph->n; i++)
		write_git(engine, i, out);
	for (uint32_t i = 0; i < graph_new_end(graph); i++)
		write_git(engine, i, out);
}

enum { TERM_OLD, TERM_NEW, TERM_SKIP, TERM_NONE };

/* A comment that belongs to the command behind it, or stands for itself. */
struct note {
	int term; /* TERM_NONE: there is none */
	uint32_t candidate;
	unsigned failures, trials;
	char *reason;
};

struct git_log {
	char *old, *new; /* the log's own terms; owned */
	struct note note;
};

static void git_log_release(struct git_log *log)
{
	free(log->old);
	free(log->new);
	free(log->note.reason);
}
AUTO_DEFINE(git_log, struct git_log, git_log_release);

static int term_of(const struct git_log *log, const char *word)
{
	if (str_eq(word, "good") || str_eq(word, "old") || (log->old && str_eq(word, log->old)))
		return TERM_OLD;
	if (str_eq(word, "bad") || str_eq(word, "new") || (log->new &&str_eq(word, log->new)))
		return TERM_NEW;
	return str_eq(word, "skip") ? TERM_SKIP : TERM_NONE;
}

static int use_note(const struct source *source, struct git_log *log, struct err *err)
{
	struct note *note = &log->note;

	if (note->term == TERM_SKIP)
		skip(source, note->candidate, note->reason ? note->reason : "");
	else if (note->term != TERM_NONE &&
		 add_trials(source, note->candidate, note->failures, note->trials, err) < 0)
		return -1;
	free(note->reason);
	*note = (struct note){ .term = TERM_NONE };
	return 0;
}

/* One trial: it failed if that is what this side does. */
static struct note plain_note(const struct source *source, int term, uint32_t candidate)
{
	return (struct note){ term, candidate, (term == TERM_NEW) != source->engine->config.fix, 1, NULL };
}

/* "1 failures in 3 trials", and nothing else: a subject of git's may hold the words, too. */
static void read_counts(char *line, struct note *note)
{
	unsigned failures, trials;

	if (!is_count(next_word(&line), &failures) || !str_eq(next_word(&line), "failures") ||
	    !str_eq(next_word(&line), "in") || !is_count(next_word(&line), &trials) ||
	    !str_eq(next_word(&line), "trials") || *next_word(&line) || failures > trials)
		return;
	note->failures = failures;
	note->trials = trials;
}

/* "# TERM: [ID] 1 failures in 3 trials", or any other text behind the name. */
static int read_comment(const struct source *source, char *line, struct git_log *log, struct err *err)
{
	char *word = next_word(&line), *colon = strchr(word, ':'), *id, *close;
	uint32_t candidate;
	int term;

	if (!colon || colon[1])
		return 0;
	*colon = '\0';
	term = term_of(log, word);
	id = next_word(&line);
	close = strchr(id, ']');
	if (term == TERM_NONE || *id != '[' || !close)
		return 0;
	*close = '\0';
	if (find_candidate(source, id + 1, &candidate, err) < 0)
		return -1;
	if (use_note(source, log, err) < 0)
		return -1;
	log->note = plain_note(source, term, candidate);
	if (term == TERM_SKIP)
		log->note.reason = xstrdup(line);
	else
		read_counts(line, &log->note);
	return 0;
}

/* git quotes the words of `start`. */
static char *unquoted(char *word)
{
	size_t len = strlen(word);

	if (len >= 2 && word[0] == '\'' && word[len - 1] == '\'') {
		word[len - 1] = '\0';
		return word + 1;
	}
	return word;
}

static void read_start(char *line, struct git_log *log)
{
	char *word;

	while (*(word = next_word(&line))) {
		bool is_new = str_starts(unquoted(word), "--term-new") || str_starts(word, "'--term-bad") ||
			      str_starts(word, "--term-bad");
		char *equals = strchr(word, '='), **term = is_new ? &log->new : &log->old;

		if (!strstr(word, "--term-"))
			continue;
		free(*term);
		*term = xstrdup(unquoted(equals ? equals + 1 : next_word(&line)));
	}
}

static int read_command(const struct source *source, char *line, struct git_log *log, struct err *err)
{
	char *word = next_word(&line), *id;
	int term = term_of(log, word);
	uint32_t candidate;

	if (str_eq(word, "start")) {
		read_start(line, log);
		return use_note(source, log, err);
	}
	if (term == TERM_NONE)
		return wrong(source, err, "git bisect start, good, bad, old, new or skip", word);
	while (*(id = unquoted(next_word(&line)))) {
		if (find_candidate(source, id, &candidate, err) < 0)
			return -1;
		if (log->note.term != term || log->note.candidate != candidate) {
			if (use_note(source, log, err) < 0)
				return -1;
			log->note = plain_note(source, term, candidate);
		}
		if (use_note(source, log, err) < 0)
			return -1;
	}
	return 0;
}

static int read_git(const struct source *source, char *line, void *arg, struct err *err)
{
	const char *word = next_word(&line);

	if (!*word)
		return 0;
	if (str_eq(word, "#"))
		return read_comment(source, line, arg, err);
	if (!str_eq(word, "git") || !str_eq(next_word(&line), "bisect"))
		return wrong(source, err, "a line of git bisect log", word);
	return read_command(source, line, arg, err);
}

int evidence_read_git(const char *name, const char *text, struct engine *engine, struct err *err)
{
	struct source source = { name, 0, engine };
	AUTO(git_log) log = { .note.term = TERM_NONE };

	if (each_line(&source, text, &log, read_git, err) < 0)
		return -1;
	return use_note(&source, &log, err);
}
