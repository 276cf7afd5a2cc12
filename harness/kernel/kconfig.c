#include "kernel/kconfig.h"

#include "config/arch.h"

#define PREFIX "CONFIG_"

struct line {
	const char *s;
	size_t len;
};

/* Takes the next line off the text; false at its end. */
static bool next_line(struct kconfig *rest, struct line *line)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->text, '\n', rest->len);
	line->s = rest->text;
	line->len = end ? (size_t)(end - rest->text) : rest->len;
	rest->text += line->len + (end != NULL);
	rest->len -= line->len + (end != NULL);
	return true;
}

static bool line_starts(const struct line *line, const char *prefix)
{
	return line->len >= strlen(prefix) && memcmp(line->s, prefix, strlen(prefix)) == 0;
}

static bool is_symbol_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of the symbol behind "CONFIG_" when the line is an assignment, else 0. */
static size_t assigned_symbol(const struct line *line)
{
	size_t i = strlen(PREFIX);

	if (!line_starts(line, PREFIX))
		return 0;
	while (i < line->len && is_symbol_char(line->s[i]))
		i++;
	return i < line->len && line->s[i] == '=' ? i - strlen(PREFIX) : 0;
}

int kconfig_open(const char *name, const char *text, size_t len, struct kconfig *config, struct err *err)
{
	struct kconfig rest = { text, len };
	size_t number = 0, assignments = 0;
	struct line line;

	while (next_line(&rest, &line)) {
		number++;
		if (memchr(line.s, '\0', line.len))
			return err_set(err, ERR_USAGE, "%s:%zu: a NUL byte: not a kernel's .config", name,
				       number);
		if (assigned_symbol(&line))
			assignments++;
		else if (line.len && line.s[0] != '#')
			return err_set(
			    err, ERR_USAGE,
			    "%s:%zu: expected CONFIG_NAME=value or a comment: not a kernel's .config", name,
			    number);
	}
	if (!assignments)
		return err_set(err, ERR_USAGE, "%s: no CONFIG_NAME=value in it: not a kernel's .config",
			       name);
	*config = (struct kconfig){ text, len };
	return 0;
}

/* "# CONFIG_X is not set" */
static bool is_unset(const struct line *line, const char *symbol)
{
	static const char head[] = "# " PREFIX, tail[] = " is not set";
	size_t n = strlen(symbol);

	return line->len == strlen(head) + n + strlen(tail) && line_starts(line, head) &&
	       memcmp(line->s + strlen(head), symbol, n) == 0 &&
	       memcmp(line->s + strlen(head) + n, tail, strlen(tail)) == 0;
}

/* The value as text; empty when the symbol is not set. */
static struct line value_of(const struct kconfig *config, const char *symbol)
{
	struct kconfig rest = *config;
	struct line line, value = { "", 0 };
	size_t n = strlen(symbol);

	while (next_line(&rest, &line)) {
		if (n && assigned_symbol(&line) == n && memcmp(line.s + strlen(PREFIX), symbol, n) == 0) {
			value.s = line.s + strlen(PREFIX) + n + 1;
			value.len = line.len - strlen(PREFIX) - n - 1;
		} else if (is_unset(&line, symbol)) {
			value.len = 0;
		}
	}
	return value;
}

char kconfig_state(const struct kconfig *config, const char *symbol)
{
	struct line value = value_of(config, symbol);

	return value.len == 1 && (value.s[0] == 'y' || value.s[0] == 'm') ? value.s[0] : 'n';
}

unsigned kconfig_pagesize(const struct kconfig *config)
{
	static const struct {
		const char *symbol;
		unsigned bytes;
	} rows[] = {
		{ "PPC_64K_PAGES", 65536 },   { "PPC_4K_PAGES", 4096 },	   { "PPC_16K_PAGES", 16384 },
		{ "ARM64_64K_PAGES", 65536 }, { "ARM64_4K_PAGES", 4096 },  { "ARM64_16K_PAGES", 16384 },
		{ "PAGE_SIZE_64KB", 65536 },  { "PAGE_SIZE_16KB", 16384 }, { "PAGE_SIZE_4KB", 4096 },
	};
	struct line shift = value_of(config, "PAGE_SHIFT");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (kconfig_state(config, rows[i].symbol) == 'y')
			return rows[i].bytes;
	if (shift.len == 2 && shift.s[0] == '1' && shift.s[1] >= '2' && shift.s[1] <= '8')
		return 1U << (10 + shift.s[1] - '0');
	return 0;
}

/* Whether the configuration says what the line says. Comments ask for nothing. */
static bool holds(const struct kconfig *config, const struct line *line)
{
	AUTO_FREE char *text = xcalloc(1, line->len + 1), *symbol = NULL;
	size_t n = assigned_symbol(line), head = strlen("# " PREFIX);
	struct line value;

	memcpy(text, line->s, line->len);
	if (!n && !(str_starts(text, "# " PREFIX) && str_ends(text, " is not set")))
		return true;
	symbol = xstrdup(n ? text + strlen(PREFIX) : text + head);
	symbol[n ? n : strcspn(symbol, " ")] = '\0';
	value = value_of(config, symbol);
	if (!n)
		return !value.len || (value.len == 1 && *value.s == 'n');
	return value.len == line->len - strlen(PREFIX) - n - 1 &&
	       memcmp(value.s, text + strlen(PREFIX) + n + 1, value.len) == 0;
}

size_t kconfig_compare(const struct kconfig *config, const struct kconfig *wanted, struct buf *out)
{
	struct kconfig rest = *wanted;
	struct line line;
	size_t n = 0;

	while (next_line(&rest, &line)) {
		if (holds(config, &line))
			continue;
		buf_add(out, line.s, line.len);
		buf_addc(out, '\n');
		n++;
	}
	return n;
}

const char *kconfig_arch(const struct kconfig *config)
{
	for (const struct arch *row = arch_rows; row->name; row++)
		if (kconfig_state(config, row->kconfig) == 'y' &&
		    kconfig_state(config, "CPU_BIG_ENDIAN") != 'y')
			return row->name;
	return NULL;
}
