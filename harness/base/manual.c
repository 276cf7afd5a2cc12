#include "base/manual.h"

/* roff takes '.' and '\'' at the start of a line and '\' and '-' anywhere for its own. */
static void add_roff(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
			buf_adds(out, "\\&");
		if (*p == '\\')
			buf_adds(out, "\\e");
		else if (*p == '-')
			buf_adds(out, "\\-");
		else
			buf_addc(out, *p);
	}
}

static void add_options(struct buf *out, const struct opt *o)
{
	for (; o && o->type != OPT_TYPE_END; o++) {
		buf_adds(out, ".TP\n.B \\-\\-");
		add_roff(out, o->name);
		if (o->arg) {
			buf_adds(out, " ");
			add_roff(out, o->arg);
		}
		buf_addc(out, '\n');
		add_roff(out, o->help);
		buf_addc(out, '\n');
	}
}

static void add_more(struct buf *out, const struct verb *verb)
{
	AUTO(buf) text = BUF_INIT;

	verb->more(&text);
	buf_adds(out, ".PP\n.nf\n");
	add_roff(out, text.s);
	buf_adds(out, "\n.fi\n");
}

static void add_verb(struct buf *out, const struct verb *verb)
{
	buf_adds(out, ".SS \"qbisect ");
	add_roff(out, verb->name);
	buf_adds(out, "\"\n.B qbisect ");
	add_roff(out, verb->name);
	buf_addc(out, ' ');
	add_roff(out, verb->usage);
	buf_adds(out, "\n.PP\n");
	add_roff(out, verb->summary);
	buf_adds(out, ".\n");
	if (verb->text) {
		buf_adds(out, ".PP\n.nf\n");
		add_roff(out, verb->text);
		buf_adds(out, "\n.fi\n");
	}
	add_options(out, verb->options);
	if (verb->more)
		add_more(out, verb);
}

static void add_exits(struct buf *out, const char *exits)
{
	while (*exits) {
		size_t line = strcspn(exits, "\n"), code = strcspn(exits, "\t");
		AUTO_FREE char *text = xasprintf("%.*s", (int)(line - code - 1), exits + code + 1);

		buf_addf(out, ".TP\n.B %.*s\n", (int)code, exits);
		add_roff(out, text);
		buf_addc(out, '\n');
		exits += line + (exits[line] == '\n');
	}
}

void manual_man(const struct verb *const *verbs, const char *summary, const char *exits, struct buf *out)
{
	buf_adds(out, ".TH QBISECT 1\n.SH NAME\nqbisect \\- ");
	add_roff(out, summary);
	buf_adds(out, "\n.SH SYNOPSIS\n.B qbisect\nVERB [OPTION]... [WORD]...\n.SH VERBS\n");
	for (; *verbs; verbs++)
		add_verb(out, *verbs);
	buf_adds(out, ".SH EVERY VERB\n");
	add_options(out, opts_common_table());
	buf_adds(out, ".SH EXIT STATUS\n");
	add_exits(out, exits);
}

/* The first words of the verbs' names, each once, when `second_of` is NULL; else the second words behind
 * it. */
static void add_names(struct buf *out, const struct verb *const *verbs, const char *second_of)
{
	AUTO(strv) seen = STRV_INIT;

	for (; *verbs; verbs++) {
		const char *name = (*verbs)->name, *space = strchr(name, ' ');
		AUTO_FREE char *first = xasprintf("%.*s", (int)strcspn(name, " "), name);

		if (second_of) {
			if (space && str_eq(first, second_of))
				buf_addf(out, "%s ", space + 1);
		} else if (!seen.n || !str_eq(seen.v[seen.n - 1], first)) {
			strv_add(&seen, first);
			buf_addf(out, "%s ", first);
		}
	}
}

static void add_case(struct buf *out, const struct verb *verb)
{
	const char *space = strchr(verb->name, ' ');

	buf_addf(out, "\t\"%.*s%s%s\"*) options=\"", (int)strcspn(verb->name, " "), verb->name, " ",
		 space ? space + 1 : "");
	for (const struct opt *o = verb->options; o && o->type != OPT_TYPE_END; o++)
		buf_addf(out, "--%s ", o->name);
	for (const struct opt *o = opts_common_table(); o->type != OPT_TYPE_END; o++)
		buf_addf(out, "--%s ", o->name);
	buf_adds(out, "\" ;;\n");
}

void manual_completion(const struct verb *const *verbs, struct buf *out)
{
	buf_adds(out, "_qbisect() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} options=\n\tCOMPREPLY=()\n"
		      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"");
	add_names(out, verbs, NULL);
	buf_adds(out, "\" -- \"$word\"))\n\t\treturn\n\tfi\n"
		      "\tif [ \"$COMP_CWORD\" -eq 2 ] && [ \"${COMP_WORDS[1]}\" = kernel ]; then\n"
		      "\t\tCOMPREPLY=($(compgen -W \"");
	add_names(out, verbs, "kernel");
	buf_adds(out,
		 "\" -- \"$word\"))\n\t\treturn\n\tfi\n\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n");
	for (; *verbs; verbs++)
		add_case(out, *verbs);
	buf_adds(
	    out,
	    "\tesac\n\tcase $word in\n\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	    "\t*) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n\tesac\n}\ncomplete -o filenames -F _qbisect qbisect\n");
}
