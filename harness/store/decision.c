#include "store/decision.h"

#include <fcntl.h>
#include <float.h>
#include <unistd.h>

#include "base/fs.h"
#include "config/json.h"

#define FILE_LIMIT (256u << 20)

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "phase", offsetof(struct decision, phase) },
	{ "candidate", offsetof(struct decision, candidate) },
	{ "why", offsetof(struct decision, why) },
	{ "skip", offsetof(struct decision, skip) },
	{ "likeliest", offsetof(struct decision, likeliest) },
}, numbers[] = {
	{ "number", offsetof(struct decision, number) },
	{ "trials", offsetof(struct decision, trials) },
	{ "failures", offsetof(struct decision, failures) },
	{ "passes", offsetof(struct decision, passes) },
}, reals[] = {
	{ "bits", offsetof(struct decision, bits) },
	{ "seconds", offsetof(struct decision, seconds) },
	{ "told", offsetof(struct decision, told) },
	{ "mass", offsetof(struct decision, mass) },
};

static void *at(const struct decision *decision, size_t offset)
{
	return (char *)decision + offset;
}

static const char *text_at(const struct decision *decision, size_t i)
{
	const char *text = *(char **)at(decision, texts[i].offset);

	return text ? text : "";
}

void decision_put(const struct decision *decision, struct json_object *root)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_put_int(root, numbers[i].key, *(unsigned *)at(decision, numbers[i].offset));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_put_string(root, texts[i].key, text_at(decision, i));
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++)
		json_put_real(root, reals[i].key, *(double *)at(decision, reals[i].offset));
}

static void format(const struct decision *decision, struct buf *out)
{
	AUTO(json) root = json_new_object();

	decision_put(decision, root);
	json_write(root, JSON_LINE, out);
}

int decision_append(const char *folder, const struct decision *decision, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, DECISION_FILE);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	AUTO(buf) line = BUF_INIT;

	format(decision, &line);
	if (fd < 0 || fs_write_all(fd, line.s, line.len) < 0 || fsync(fd) < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", path);
	return 0;
}

static int parse_line(const char *name, const char *line, size_t len, struct decision *decision,
		      struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;
	const struct json_node *root;

	if (json_parse(name, line, len, &doc, err) < 0)
		return -1;
	root = json_root(&doc);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (json_get_uint(root, numbers[i].key, JSON_REQUIRED, 0, UINT32_MAX,
				  at(decision, numbers[i].offset), err) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *value;

		if (json_get_string(root, texts[i].key, JSON_REQUIRED, &value, err) < 0)
			return -1;
		*(char **)at(decision, texts[i].offset) = xstrdup(value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++)
		if (json_get_real(root, reals[i].key, JSON_REQUIRED, -DBL_MAX, DBL_MAX,
				  at(decision, reals[i].offset), err) < 0)
			return -1;
	return 0;
}

int decisions_parse(const char *path, const char *text, struct decision_list *list, struct err *err)
{
	const char *line = text, *end;

	for (unsigned n = 1; (end = strchr(line, '\n')); n++, line = end + 1) {
		AUTO_FREE char *name = xasprintf("%s, line %u", path, n);
		AUTO_FREE char *copy = xasprintf("%.*s", (int)(end - line), line);

		GROW(list->v, list->n, list->cap);
		list->v[list->n] = (struct decision)DECISION_INIT;
		if (parse_line(name, copy, strlen(copy), &list->v[list->n++], err) < 0) {
			err->kind = ERR_HOST;
			return -1;
		}
	}
	return 0;
}

int decisions_load(const char *folder, bool mend, struct decision_list *list, struct err *err)
{
	AUTO_FREE char *path = path_join(folder, DECISION_FILE);
	AUTO(buf) text = BUF_INIT;
	const char *last;
	size_t whole;

	if (!fs_exists(path))
		return 0;
	if (fs_read(path, FILE_LIMIT, &text, err) < 0 || decisions_parse(path, text.s, list, err) < 0)
		return -1;
	last = text.len ? strrchr(text.s, '\n') : NULL;
	whole = last ? (size_t)(last - text.s) + 1 : 0;
	if (mend && whole < text.len && truncate(path, (off_t)whole) < 0)
		return err_errno(err, ERR_HOST, "cannot mend %s", path);
	return 0;
}

bool decision_equal(const struct decision *a, const struct decision *b)
{
	AUTO(buf) left = BUF_INIT;
	AUTO(buf) right = BUF_INIT;

	/* Reals are written with the fewest digits that read back the same, so equal texts are equal bits. */
	format(a, &left);
	format(b, &right);
	return str_eq(left.s, right.s);
}

void decision_release(struct decision *decision)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*(char **)at(decision, texts[i].offset));
	*decision = (struct decision)DECISION_INIT;
}

void decision_list_release(struct decision_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		decision_release(&list->v[i]);
	free(list->v);
	*list = (struct decision_list)DECISION_LIST_INIT;
}
