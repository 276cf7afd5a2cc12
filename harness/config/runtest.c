#include "config/runtest.h"

#define BLANKS	 " \t"
#define QUOTES	 "'\""
#define SHELL	 "|&;<>()$`*?[]{}~#"
#define IN_QUOTE "$`" /* what a shell expands inside of "" too */

/* A command of LTP's that the guest has a workload for. */
struct program {
	const char *name;
	const char *defaults[9]; /* NULL-terminated; what environment_init() does not have as LTP has it */
	struct {
		char letter;
		const char *key;
	} options[5];
};

#define STRESS "iterations=1", "buffers=aligned"

/* clang-format off */
static const struct program programs[] = {
	{ "aiocp", { NULL }, { { 'b', "blocksize" }, { 's', "filesize" }, { 'n', "depth" }, { 'f', "flags" } } },
	{ "aiodio_sparse", { STRESS, "children=16", "blocksize=1k", "filesize=100M", "depth=16", NULL },
	  { { 'n', "children" }, { 'w', "blocksize" }, { 's', "filesize" }, { 'o', "depth" } } },
	{ "dio_sparse", { STRESS, "children=16", "blocksize=1k", "filesize=100M", NULL },
	  { { 'n', "children" }, { 'w', "blocksize" }, { 's', "filesize" }, { 'o', "offset" } } },
	{ "aiodio_append", { STRESS, "children=8", "blocksize=64k", "appends=1000", "depth=16", NULL },
	  { { 'n', "children" }, { 's', "blocksize" }, { 'c', "appends" }, { 'b', "depth" } } },
	{ "dio_append", { STRESS, "children=16", "blocksize=64k", "appends=10000", "disksize=1024", NULL },
	  { { 'n', "children" }, { 'w', "blocksize" }, { 'c', "appends" } } },
	{ "dio_truncate", { STRESS, "children=16", "blocksize=64k", "appends=100", "rounds=100", NULL },
	  { { 'n', "children" }, { 's', "blocksize" }, { 'a', "appends" }, { 'c', "rounds" } } },
	{ "dio_read", { STRESS, "children=8", "blocksize=32M", "readsize=32M", "filesize=128M",
			"timelimit=1800", NULL },
	  { { 'n', "children" }, { 'w', "blocksize" }, { 'r', "readsize" }, { 's', "filesize" } } },
};
/* clang-format on */

/* The words of a command, and where each begins, from 1. */
struct words {
	struct strv text;
	size_t column[256];
};

static void words_release(struct words *words)
{
	strv_release(&words->text);
}
AUTO_DEFINE(words, struct words, words_release);

/* --- splitting --- */

/* The place of the quote's end, or NULL. A backslash hides the next character from a double one. */
static const char *end_of_quote(const char *quote)
{
	const char *p = quote + 1;

	for (; *p && *p != *quote; p++)
		if (*quote == '"' && *p == '\\' && p[1])
			p++;
	return *p ? p : NULL;
}

static void add_quoted(const char *p, const char *end, bool escapes, struct buf *word)
{
	for (; p < end; p++) {
		if (escapes && *p == '\\' && strchr("\"\\$`", p[1]))
			p++;
		buf_addc(word, *p);
	}
}

/* Takes one word at *at. False: it needs a shell, and *at is the character that does. */
static bool take_word(const char **at, struct buf *word)
{
	const char *p = *at;

	for (; *p && !strchr(BLANKS, *p); p++) {
		if (strchr(QUOTES, *p)) {
			const char *end = end_of_quote(p), *wild = strpbrk(p, IN_QUOTE);

			if (!end || (*p == '"' && wild && wild < end)) {
				*at = end ? wild : p;
				return false;
			}
			add_quoted(p + 1, end, *p == '"', word);
			p = end;
		} else if (strchr(SHELL, *p)) {
			*at = p;
			return false;
		} else {
			p += *p == '\\' && p[1];
			buf_addc(word, *p);
		}
	}
	*at = p;
	return true;
}

/* Returns 1, with *column, when the command needs a shell. */
static int split(const char *command, struct words *words, size_t *column, struct err *err)
{
	const char *p = command + strspn(command, BLANKS);

	for (; *p; p += strspn(p, BLANKS)) {
		AUTO(buf) word = BUF_INIT;
		size_t n = words->text.n;

		*column = (size_t)(p - command) + 1;
		if (n == ARRAY_SIZE(words->column))
			return err_set(err, ERR_USAGE, "more than %zu words in a command", n);
		words->column[n] = *column;
		if (!take_word(&p, &word)) {
			*column = (size_t)(p - command) + 1;
			return strchr(QUOTES, *p) ? err_set(err, ERR_USAGE, "this quote does not end") : 1;
		}
		strv_add(&words->text, word.s);
	}
	return 0;
}

/* --- what LTP's options mean --- */

static const struct program *find_program(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (str_eq(programs[i].name, name))
			return &programs[i];
	return NULL;
}

static const char *key_of(const struct program *program, char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(program->options) && program->options[i].key; i++)
		if (program->options[i].letter == letter)
			return program->options[i].key;
	return letter == 'i' ? "iterations" : letter == 'I' ? "seconds" : NULL;
}

static int unknown_option(const struct program *program, const char *option, struct err *err)
{
	AUTO(buf) known = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(program->options) && program->options[i].key; i++)
		buf_addf(&known, "-%c, ", program->options[i].letter);
	return err_set(err, ERR_USAGE, "%s has no option '%s': expected %s-i or -I", program->name, option,
		       known.s);
}

static int set_checked(struct scenario *scenario, struct environment *env, const char *key, const char *value,
		       struct err *err)
{
	if (environment_set(env, key, value, err) < 0)
		return -1;
	strv_addf(&scenario->set, "%s=%s", key, value);
	return 0;
}

/* -I gives the time instead of a count, which is last: what is kept of a bad line is no contradiction. */
static int set_option(const struct program *program, const char *option, const char *value,
		      struct scenario *scenario, struct err *err)
{
	const char *key = option[0] == '-' ? key_of(program, option[1]) : NULL;
	struct environment env;

	environment_init(&env);
	if (!key)
		return unknown_option(program, option, err);
	if (!value)
		return err_set(err, ERR_USAGE, "%s needs a value", option);
	if (set_checked(scenario, &env, key, value, err) < 0)
		return err_wrap(err, "%s %.2s", program->name, option);
	return str_eq(key, "seconds") ? set_checked(scenario, &env, "iterations", "0", err) : 0;
}

/* "-b 4k" or "-b4k". */
static int set_options(const struct program *program, const struct words *words, struct scenario *scenario,
		       size_t *column, struct err *err)
{
	char *const *word = words->text.v;

	strv_addf(&scenario->set, "workload=%s", program->name);
	for (size_t i = 0; program->defaults[i]; i++)
		strv_add(&scenario->set, program->defaults[i]);
	for (size_t i = 1; i < words->text.n; i++) {
		bool joined = word[i][0] == '-' && word[i][1] && word[i][2];
		const char *next = i + 1 < words->text.n ? word[i + 1] : NULL;

		*column = words->column[i];
		if (set_option(program, word[i], joined ? word[i] + 2 : next, scenario, err) < 0)
			return -1;
		i += !joined;
	}
	return 0;
}

int runtest_command(const char *command, struct scenario *scenario, size_t *column, struct err *err)
{
	AUTO(words) words = { .text = STRV_INIT };
	int status = split(command, &words, column, err);
	const struct program *program;

	if (status < 0)
		return -1;
	if (status > 0) {
		scenario->refusal =
		    xasprintf("it needs a shell, by '%c' in column %zu of '%s'; guests have none",
			      command[*column - 1], *column, command);
		return 0;
	}
	*column = 1;
	if (!words.text.n)
		return err_set(err, ERR_USAGE, "expected a command");
	for (size_t i = 0; i < words.text.n; i++)
		strv_add(&scenario->command, words.text.v[i]);
	program = find_program(words.text.v[0]);
	if (program)
		return set_options(program, &words, scenario, column, err) < 0;
	strv_add(&scenario->set, "workload=exec");
	return 0;
}

/* --- files --- */

/* The first byte that is no text, or `len`. */
static size_t find_control(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && ((unsigned char)line[i] >= ' ' || line[i] == '\t') && line[i] != 127)
		i++;
	return i;
}

/* `line` has a tag. As runtest_command(), and *column is relative to the line. */
static int read_line(const char *line, size_t len, const char *file, struct scenario_list *list,
		     size_t *column, struct err *err)
{
	AUTO_FREE char *text = xasprintf("%.*s", (int)len, line);
	size_t tag = strcspn(text, BLANKS), command = tag + strspn(text + tag, BLANKS);
	AUTO_FREE char *name = xasprintf("%.*s", (int)tag, text);
	int status;

	*column = tag + 1;
	if (!text[command])
		return err_set(err, ERR_USAGE, "expected a command behind the tag '%s'", name);
	status = runtest_command(text + command, scenario_list_add(list, name, file), column, err);
	*column += command;
	return status;
}

/* The last line's fault, with its place: of a command that can be read it is the scenario's alone. */
static int take_fault(struct scenario_list *list, bool readable, const struct err *fault, struct err *err)
{
	if (!readable)
		return err_set(err, fault->kind, "%s", fault->text);
	list->v[list->n - 1].refusal = xstrdup(fault->text);
	return 0;
}

int runtest_parse(const char *name, const char *text, size_t len, struct scenario_list *list, struct err *err)
{
	const char *slash = strrchr(name, '/'), *end = text + len;
	unsigned number = 1;

	for (const char *next, *line = text; line < end; line = next, number++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((newline ? newline : end) - line), control = find_control(line, n),
		       column = 0;
		size_t blanks = 0;
		AUTO(err) fault = ERR_INIT;
		int status;

		next = newline ? newline + 1 : end;
		while (blanks < n && strchr(BLANKS, line[blanks]) && line[blanks])
			blanks++;
		if (blanks == n || line[blanks] == '#')
			continue;
		if (control < n)
			return err_set(err, ERR_USAGE,
				       "%s:%u:%zu: a control character (0x%02x): expected text", name, number,
				       control + 1, (unsigned char)line[control]);
		status =
		    read_line(line + blanks, n - blanks, slash ? slash + 1 : name, list, &column, &fault);
		if (status)
			err_wrap(&fault, "%s:%u:%zu", name, number, blanks + column);
		if (status && take_fault(list, status > 0, &fault, err) < 0)
			return -1;
	}
	return 0;
}
