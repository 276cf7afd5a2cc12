/* qbisect classify: what a console log says. */
#include <fcntl.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "campaign/setup.h"
#include "cmd.h"
#include "config/json.h"
#include "verdict/classify.h"

static bool as_json;

static int read_console(const char *file, struct classify *console, struct err *err)
{
	bool is_stdin = str_eq(file, "-");
	AUTO_CLOSE int fd = is_stdin ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
	char chunk[65536];
	ssize_t n;

	if (fd < 0)
		return err_errno(err, ERR_USAGE, "%s", is_stdin ? "stdin" : file);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		classify_feed(console, chunk, (size_t)n);
	if (n < 0)
		return err_errno(err, ERR_HOST, "%s", is_stdin ? "stdin" : file);
	classify_end(console);
	return 0;
}

static void print_json(const char *file, const struct finding *top)
{
	AUTO(json) object = json_new_object();
	AUTO(buf) line = BUF_INIT;

	json_put_string(object, "file", file);
	json_put_string(object, "class", finding_class_name(top ? top->class : FINDING_CLEAN));
	json_put_string(object, "signature", top ? top->row->id : "");
	json_put_string(object, "title", top ? top->title : "");
	json_put_int(object, "line", top ? (int64_t)top->line : 0);
	json_put_string(object, "text", top ? top->text : "");
	json_write(object, JSON_LINE, &line);
	fputs(line.s, stdout);
}

static void print_text(const char *file, const struct classify *console, const struct finding *top)
{
	AUTO(buf) name = BUF_INIT;

	utf8_add_escaped(&name, file, strlen(file), 4096);
	if (!top) {
		printf("%s: clean (%llu lines)\n", name.s, (unsigned long long)classify_lines(console));
		return;
	}
	printf("%s: %s: %s\n", name.s, finding_class_name(top->class), top->title);
	printf("  line %llu (%s): %s\n", (unsigned long long)top->line, top->row->id, top->text);
}

static int classify_file(const char *file, const struct signatures *table, struct err *err)
{
	AUTO(classify) console = classify_new(table);
	const struct finding *top;

	if (read_console(file, console, err) < 0)
		return -1;
	top = classify_top(console, 0, UINT64_MAX);
	if (as_json)
		print_json(file, top);
	else
		print_text(file, console, top);
	return 0;
}

/* All files are done; the error names each that could not be read. */
static int run(int argc, char **argv, int dashes, struct err *err)
{
	static char *const only_stdin[] = { (char *)"-" };
	AUTO(signatures) table = SIGNATURES_INIT;
	AUTO(buf) unreadable = BUF_INIT;
	enum err_kind kind = ERR_NONE;

	(void)dashes;
	if (setup_signatures(&table, err) < 0)
		return -1;
	for (int i = 0; i < (argc ? argc : 1); i++) {
		AUTO(err) one = ERR_INIT;

		if (classify_file(argc ? argv[i] : only_stdin[0], &table, &one) == 0)
			continue;
		buf_addf(&unreadable, "%s%s", unreadable.len ? "; " : "", one.text);
		kind = one.kind;
	}
	return kind ? err_set(err, kind, "cannot read %s", unreadable.s) : 0;
}

static const struct opt options[] = {
	OPT_FLAG("json", &as_json, "print one JSON object a file, each on a line"),
	OPT_END,
};

const struct verb cmd_classify = {
	.name = "classify",
	.usage = "[--json] [FILE...]",
	.summary = "Tell what a console log shows: the bug that is sought, a crash, a hang, or nothing",
	.text = "Reads kernel consoles (stdin without FILE or for '-') and names the most important finding\n"
		"of each: its class, a title, the line that proves it. The classes: clean, target, panic,\n"
		"oops, bug, warning, kasan, ubsan, lockdep, hung-task, soft-lockup, rcu-stall, oom,\n"
		"fs-error, io-error, other. Of several findings it is the most serious, and of these the\n"
		"first; nothing behind a crash counts. The signatures are in configs/signatures.json.\n",
	.options = options,
	.run = run,
};
