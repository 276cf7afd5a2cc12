#include "kernel/rpmmd.h"

#include "base/hash.h"
#include "kernel/layout.h"
#include "kernel/xml.h"

#define WORD_MAX   256
#define WORD_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~^-"

/* What rpm takes in names and versions, and what a terminal and a file name can bear. */
static bool is_word(const char *s)
{
	size_t n = s ? strspn(s, WORD_CHARS) : 0;

	return n && n < WORD_MAX && s[n] == '\0';
}

static void keep(char **to, const char *s)
{
	free(*to);
	*to = s ? xstrdup(s) : NULL;
}

static uint64_t read_size(const char *s)
{
	size_t n = s ? strspn(s, "0123456789") : 0;

	return n && n < 19 && s[n] == '\0' ? strtoull(s, NULL, 10) : 0;
}

static bool is_printable(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

/* --- files --------------------------------------------------------------------------------------- */

static void take_location(struct rpmmd_file *file, const char *const *attributes)
{
	keep(&file->base, xml_attribute(attributes, "base"));
	keep(&file->href, xml_attribute(attributes, "href"));
}

static void take_hash(struct rpmmd_file *file, const char *text)
{
	const char *start = text + strspn(text, " \t\r\n");

	free(file->hash);
	file->hash = xasprintf("%.*s", (int)strcspn(start, " \t\r\n"), start);
}

/* What is wrong with what was found out about a file, or NULL. */
static const char *file_fault(struct rpmmd_file *file)
{
	AUTO(buf) clean = BUF_INIT;

	if (!file->href || !is_printable(file->href) || layout_clean(file->href, &clean) || !clean.len)
		return "its location is no path below the repository";
	if (file->base && !is_printable(file->base))
		return "its xml:base is no URL";
	if (!file->algorithm || !hash_hex_len(file->algorithm))
		return "its checksum is not by sha256, sha384 or sha512";
	if (!file->hash || strlen(file->hash) != hash_hex_len(file->algorithm) ||
	    strspn(file->hash, "0123456789abcdef") != strlen(file->hash))
		return "its checksum is not one";
	keep(&file->href, clean.s);
	return NULL;
}

void rpmmd_file_release(struct rpmmd_file *file)
{
	free(file->base);
	free(file->href);
	free(file->algorithm);
	free(file->hash);
	*file = (struct rpmmd_file){ 0 };
}

static int check_root(const char *name, const char *found, const char *expected, struct err *err)
{
	if (str_eq(found, expected))
		return 0;
	return err_set(err, ERR_HOST, "%s: expected the element <%s> of an rpm-md repository, found <%.64s>",
		       name, expected, found);
}

/* --- repomd.xml ---------------------------------------------------------------------------------- */

struct repomd {
	const char *name;
	struct rpmmd_file *file;
	bool inside, found;
};

static int open_repomd(void *arg, unsigned depth, const char *name, const char *const *attributes,
		       struct err *err)
{
	struct repomd *repomd = arg;
	const char *type = xml_attribute(attributes, "type");

	if (depth == 1)
		return check_root(repomd->name, name, "repomd", err);
	if (depth == 2)
		repomd->inside = !repomd->found && str_eq(name, "data") && type && str_eq(type, "primary");
	if (depth != 3 || !repomd->inside)
		return 0;
	if (str_eq(name, "location"))
		take_location(repomd->file, attributes);
	else if (str_eq(name, "checksum"))
		keep(&repomd->file->algorithm, type);
	return 0;
}

static int close_repomd(void *arg, unsigned depth, const char *name, const char *text, struct err *err)
{
	struct repomd *repomd = arg;
	const char *fault;

	if (!repomd->inside)
		return 0;
	if (depth == 3 && str_eq(name, "checksum"))
		take_hash(repomd->file, text);
	else if (depth == 3 && str_eq(name, "size"))
		repomd->file->size = read_size(text);
	if (depth != 2)
		return 0;
	repomd->inside = false;
	repomd->found = true;
	fault = file_fault(repomd->file);
	return fault ? err_set(err, ERR_HOST, "%s: primary.xml: %s", repomd->name, fault) : 0;
}

int rpmmd_primary(const char *name, const char *text, size_t len, struct rpmmd_file *out, struct err *err)
{
	AUTO(rpmmd_file) file = { 0 };
	struct repomd repomd = { name, &file, false, false };
	const struct xml_events events = { open_repomd, close_repomd, &repomd };
	AUTO(xml) xml = xml_new(name, &events);

	if (xml_feed(xml, text, len, true, err) < 0)
		return -1;
	if (!repomd.found)
		return err_set(err, ERR_HOST, "%s: names no primary.xml, the list of packages", name);
	*out = file;
	file = (struct rpmmd_file){ 0 };
	return 0;
}

/* --- primary.xml --------------------------------------------------------------------------------- */

struct rpmmd_reader {
	const char *name;
	rpmmd_take take;
	void *arg;
	struct xml_events events;
	struct xml *xml;
	bool inside;
	struct rpmmd_package package;
};

/* Without an epoch where it is 0, as everybody writes it. */
static void take_version(struct rpmmd_package *package, const char *const *attributes)
{
	const char *epoch = xml_attribute(attributes, "epoch");
	const char *version = xml_attribute(attributes, "ver"), *release = xml_attribute(attributes, "rel");

	keep(&package->version, NULL);
	if (!is_word(version) || !is_word(release) || strchr(version, '-') || strchr(release, '-'))
		return;
	if (!epoch || !*epoch || str_eq(epoch, "0"))
		package->version = xasprintf("%s-%s", version, release);
	else if (strlen(epoch) < 10 && strspn(epoch, "0123456789") == strlen(epoch))
		package->version = xasprintf("%s:%s-%s", epoch, version, release);
}

static int open_primary(void *arg, unsigned depth, const char *name, const char *const *attributes,
			struct err *err)
{
	struct rpmmd_reader *reader = arg;
	struct rpmmd_package *package = &reader->package;

	if (depth == 1)
		return check_root(reader->name, name, "metadata", err);
	if (depth == 2)
		reader->inside = str_eq(name, "package");
	if (depth != 3 || !reader->inside)
		return 0;
	if (str_eq(name, "version"))
		take_version(package, attributes);
	else if (str_eq(name, "location"))
		take_location(&package->file, attributes);
	else if (str_eq(name, "checksum"))
		keep(&package->file.algorithm, xml_attribute(attributes, "type"));
	else if (str_eq(name, "size"))
		package->file.size = read_size(xml_attribute(attributes, "package"));
	return 0;
}

/* A name that no rpm tool would make is none that anybody asks for. */
static int hand_over(struct rpmmd_reader *reader, struct err *err)
{
	struct rpmmd_package *package = &reader->package;
	const char *fault;

	if (!is_word(package->name) || !is_word(package->arch))
		return 0;
	fault = package->version ? file_fault(&package->file) : "it has no version and release as rpm's are";
	if (fault)
		return err_set(err, ERR_HOST, "%s: package %s: %s", reader->name, package->name, fault);
	if (!is_word(package->source))
		keep(&package->source, NULL);
	return reader->take(reader->arg, package, err);
}

static int close_primary(void *arg, unsigned depth, const char *name, const char *text, struct err *err)
{
	struct rpmmd_reader *reader = arg;
	struct rpmmd_package *package = &reader->package;
	int status = 0;

	if (!reader->inside)
		return 0;
	if (depth == 2) {
		status = hand_over(reader, err);
		rpmmd_package_release(package);
		reader->inside = false;
	} else if (depth == 3 && str_eq(name, "name")) {
		keep(&package->name, text);
	} else if (depth == 3 && str_eq(name, "arch")) {
		keep(&package->arch, text);
	} else if (depth == 3 && str_eq(name, "checksum")) {
		take_hash(&package->file, text);
	} else if (depth == 4 && str_eq(name, "sourcerpm")) {
		keep(&package->source, text);
	}
	return status;
}

struct rpmmd_reader *rpmmd_reader_new(const char *name, rpmmd_take take, void *arg)
{
	struct rpmmd_reader *reader = xcalloc(1, sizeof(*reader));

	reader->name = name;
	reader->take = take;
	reader->arg = arg;
	reader->events = (struct xml_events){ open_primary, close_primary, reader };
	reader->xml = xml_new(name, &reader->events);
	return reader;
}

int rpmmd_reader_feed(struct rpmmd_reader *reader, const void *data, size_t len, struct err *err)
{
	return xml_feed(reader->xml, data, len, false, err);
}

int rpmmd_reader_end(struct rpmmd_reader *reader, struct err *err)
{
	return xml_feed(reader->xml, "", 0, true, err);
}

void rpmmd_reader_free(struct rpmmd_reader *reader)
{
	if (!reader)
		return;
	xml_free(reader->xml);
	rpmmd_package_release(&reader->package);
	free(reader);
}

void rpmmd_package_release(struct rpmmd_package *package)
{
	free(package->name);
	free(package->arch);
	free(package->version);
	free(package->source);
	rpmmd_file_release(&package->file);
	*package = (struct rpmmd_package){ 0 };
}
