#include "report/kcidb_issue.h"

#include "base/hash.h"
#include "report/outward.h"
#include "verdict/signatures.h"

#define HASH_SHOWN 16

static bool is_signature(const struct record *record)
{
	if (record->verdict == VERDICT_BAD)
		return true;
	for (int i = FINDING_CLEAN + 1; i < FINDING_CLASS_N; i++)
		if (str_eq(record->class, finding_class_name((enum finding_class)i)))
			return record->verdict == VERDICT_SKIP;
	return false;
}

static bool is_end(char c)
{
	return !c || strchr(" ,;:.()", c);
}

static char *without_numbers(const char *title)
{
	AUTO(buf) out = BUF_INIT;

	for (const char *p = title; *p;) {
		size_t n = p == title || p[-1] == ' ' ? strspn(p, "0123456789") : 0;

		if (n && is_end(p[n])) {
			buf_addc(&out, 'N');
			p += n;
		} else {
			buf_addc(&out, *p++);
		}
	}
	return buf_steal(&out);
}

bool kcidb_issue_of(const struct record *record, const char *origin, struct kcidb_issue *issue)
{
	AUTO(buf) clean = BUF_INIT;
	AUTO_FREE char *text = NULL, *hash = NULL;

	if (!is_signature(record))
		return false;
	outward_add(&clean, record->title);
	issue->title = without_numbers(clean.s);
	text = xasprintf("%s\n%s", record->class, issue->title);
	hash = hash_bytes(text, strlen(text));
	issue->id = xasprintf("%s:signature/%.*s", origin, HASH_SHOWN, hash);
	return true;
}

void kcidb_issue_release(struct kcidb_issue *issue)
{
	free(issue->id);
	free(issue->title);
}
