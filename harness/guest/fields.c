#include "guest/fields.h"

#include <inttypes.h>

#define X(id, key, part) [GUEST_PLAN_##id] = (key),
static const char *const plan_keys[] = { PROTO_PLAN(X) };
#undef X

#define X(id, name) [GUEST_KIND_##id] = (name),
static const char *const kind_names[] = { PROTO_KINDS(X) };
#undef X

static const struct {
	const char *key;
	enum field_type type;
} details[] = {
#define X(id, key, type) [GUEST_DETAIL_##id] = { key, type },
	PROTO_DETAILS(X)
#undef X
};

char *field_take(char **rest)
{
	char *word = *rest, *end = word + strcspn(word, " ");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

bool field_is_text(const char *s, bool word, size_t size)
{
	size_t i;

	for (i = 0; s[i]; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '%' && proto_hex_digit(s[i + 1]) >= 0 && proto_hex_digit(s[i + 2]) >= 0)
			i += 2;
		else if (word ? !proto_is_word(c) : !proto_is_plain(c))
			return false;
	}
	return i > 0 && i < size;
}

bool field_number(const char *s, uint64_t *value)
{
	size_t n = strspn(s, "0123456789");
	unsigned long long v;

	if (!n || s[n] || (n > 1 && *s == '0'))
		return false;
	errno = 0;
	v = strtoull(s, NULL, 10);
	*value = v;
	return !errno;
}

bool field_hex(const char *s, uint64_t *value)
{
	if (strlen(s) != 16 || s[strspn(s, "0123456789abcdef")])
		return false;
	*value = strtoull(s, NULL, 16);
	return true;
}

bool field_is_errno(const char *s)
{
	uint64_t number;

	return field_number(s, &number) ||
	       (*s >= 'A' && *s <= 'Z' && !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")]);
}

int field_find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return (int)i;
	return -1;
}

/* Keeps one key=value in *f; `kind` is in its place only as the first one. */
static bool take_detail(struct guest_failure *f, char *word)
{
	char *value = strchr(word, '=');
	size_t i = 0;
	int kind;

	if (!value)
		return false;
	*value++ = '\0';
	while (i < GUEST_DETAIL_N && !str_eq(details[i].key, word))
		i++;
	if (i == GUEST_DETAIL_N || f->has & BIT(i))
		return false;
	f->has |= BIT(i);
	switch (details[i].type) {
	case NUMBER:
		return field_number(value, &f->value[i]);
	case HEX:
		return field_hex(value, &f->value[i]);
	case KIND:
		kind = field_find(kind_names, GUEST_KIND_N, value);
		f->kind = (enum guest_kind)kind;
		return f->has == BIT(GUEST_DETAIL_KIND) && kind >= 0;
	case ERRNO:
		if (!field_is_errno(value))
			return false;
		break;
	default:
		break;
	}
	snprintf(f->name[i], sizeof(f->name[i]), "%s", value);
	return field_is_text(value, true, sizeof(f->name[i]));
}

bool field_details(struct guest_failure *f, char *rest)
{
	while (*rest)
		if (!take_detail(f, field_take(&rest)))
			return false;
	return true;
}

const char *guest_plan_key(enum guest_plan_key key)
{
	return plan_keys[key];
}

const char *guest_kind_name(enum guest_kind kind)
{
	return kind_names[kind];
}

const char *guest_detail_key(enum guest_detail detail)
{
	return details[detail].key;
}

static void format_detail(const struct guest_failure *f, size_t i, struct buf *out)
{
	buf_addf(out, "%s%s=", i ? " " : "", details[i].key);
	if (details[i].type == KIND)
		buf_adds(out, kind_names[f->kind]);
	else if (details[i].type == NUMBER)
		buf_addf(out, "%" PRIu64, f->value[i]);
	else if (details[i].type == HEX)
		buf_addf(out, "%016" PRIx64, f->value[i]);
	else
		buf_adds(out, f->name[i]);
}

void guest_failure_format(const struct guest_failure *failure, struct buf *out)
{
	for (size_t i = 0; i < GUEST_DETAIL_N; i++)
		if (failure->has & BIT(i))
			format_detail(failure, i, out);
}
