#include "config/candidate.h"

#include "config/arch.h"
#include "config/json.h"

static bool is_name(const char *s, size_t max)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+~-");

	return n && n <= max && !s[n] && s[0] != '.' && s[0] != '-';
}

bool candidate_id_valid(const char *id)
{
	return is_name(id, CANDIDATE_ID_MAX);
}

bool candidate_release_valid(const char *release)
{
	return is_name(release, 64);
}

const char *candidate_pagesize_text(const struct candidate *candidate, char text[16])
{
	if (candidate->pagesize)
		snprintf(text, 16, "%uk", candidate->pagesize / 1024);
	else
		memcpy(text, "?", 2);
	return text;
}

static const char *const origins[] = { "deb", "dir", "file", "git", "rpm", NULL };

/* A string member that is one of `names`. */
static int read_word(const struct json_node *root, const char *key, const char *const *names, char **out,
		     struct err *err)
{
	unsigned i = 0;

	if (json_get_enum(root, key, JSON_REQUIRED, names, &i, err) < 0)
		return -1;
	*out = xstrdup(names[i]);
	return 0;
}

static bool is_hash(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static bool is_arch(const char *s)
{
	AUTO(err) ignored = ERR_INIT;

	return arch_find(s, &ignored) != NULL;
}

/* Names a file in the candidate's own folder, never one elsewhere. */
static bool is_file_name(const char *s)
{
	return is_name(s, 64);
}

/* A string member that `valid` says yes to. */
static int read_text(const struct json_node *root, const char *key, bool (*valid)(const char *),
		     const char *expected, char **out, struct err *err)
{
	const char *text = NULL;

	if (json_get_string(root, key, JSON_REQUIRED, &text, err) < 0)
		return -1;
	if (!valid(text))
		return json_error(json_find(root, key), err, "expected %s", expected);
	*out = xstrdup(text);
	return 0;
}

/* The name of an object of git's: SHA-1 or SHA-256. */
static bool is_object(const char *s)
{
	size_t n = strlen(s);

	return (n == 40 || n == 64) && strspn(s, "0123456789abcdef") == n;
}

static bool is_text(const char *s)
{
	return *s != '\0';
}

int candidate_git_read(const struct json_node *object, bool required, struct candidate_git *out,
		       struct err *err)
{
	static const char *const keys[] = { "commit", "tree", "config", "toolchain", NULL };
	const struct json_node *git = NULL;

	if (json_get_object(object, "git", required ? JSON_REQUIRED : JSON_OPTIONAL, &git, err) < 0)
		return -1;
	if (!git)
		return 0;
	if (json_check_keys(git, keys, err) < 0 ||
	    read_text(git, "commit", is_object, "a commit's full name", &out->commit, err) < 0 ||
	    read_text(git, "tree", is_object, "a tree's full name", &out->tree, err) < 0 ||
	    read_text(git, "config", is_hash, "a SHA-256 in hex", &out->config, err) < 0 ||
	    read_text(git, "toolchain", is_text, "words", &out->toolchain, err) < 0)
		return -1;
	return 0;
}

static int read_all(const struct json_node *root, struct candidate *out, struct err *err)
{
	static const char *const keys[] = {
		"id",	      "arch",	      "release",    "pagesize",	   "origin", "sources", "image",
		"image_hash", "content_hash", "has_config", "has_modules", "git",    NULL
	};

	if (json_check_keys(root, keys, err) < 0 ||
	    read_text(root, "id", candidate_id_valid, "an id", &out->id, err) < 0 ||
	    read_text(root, "arch", is_arch, "the name of an architecture", &out->arch, err) < 0 ||
	    read_text(root, "release", candidate_release_valid, "a kernel release", &out->release, err) < 0 ||
	    json_get_uint(root, "pagesize", JSON_REQUIRED, 0, 1 << 18, &out->pagesize, err) < 0 ||
	    read_word(root, "origin", origins, &out->origin, err) < 0 ||
	    json_get_strv(root, "sources", JSON_REQUIRED, &out->sources, err) < 0 ||
	    read_text(root, "image", is_file_name, "a file name", &out->image, err) < 0 ||
	    read_text(root, "image_hash", is_hash, "a SHA-256 in hex", &out->image_hash, err) < 0 ||
	    read_text(root, "content_hash", is_hash, "a SHA-256 in hex", &out->content_hash, err) < 0 ||
	    json_get_bool(root, "has_config", JSON_REQUIRED, &out->has_config, err) < 0 ||
	    json_get_bool(root, "has_modules", JSON_REQUIRED, &out->has_modules, err) < 0)
		return -1;
	return candidate_git_read(root, false, &out->git, err);
}

int candidate_parse(const char *name, const char *text, size_t len, struct candidate *out, struct err *err)
{
	AUTO(json_doc) doc = JSON_DOC_INIT;

	if (json_parse(name, text, len, &doc, err) == 0 && read_all(json_root(&doc), out, err) == 0)
		return 0;
	err->kind = ERR_HOST;
	candidate_release(out);
	return -1;
}

void candidate_git_put(const struct candidate_git *from, struct json_object *object)
{
	struct json_object *to = json_put_object(object, "git");

	json_put_string(to, "commit", from->commit);
	json_put_string(to, "tree", from->tree);
	json_put_string(to, "config", from->config);
	json_put_string(to, "toolchain", from->toolchain);
}

static void put(const struct candidate *c, struct json_object *to)
{
	json_put_string(to, "id", c->id);
	json_put_string(to, "arch", c->arch);
	json_put_string(to, "release", c->release);
	json_put_int(to, "pagesize", c->pagesize);
	json_put_string(to, "origin", c->origin);
	json_put_strv(to, "sources", &c->sources);
	json_put_string(to, "image", c->image);
	json_put_string(to, "image_hash", c->image_hash);
	json_put_string(to, "content_hash", c->content_hash);
	json_put_bool(to, "has_config", c->has_config);
	json_put_bool(to, "has_modules", c->has_modules);
	if (c->git.commit)
		candidate_git_put(&c->git, to);
}

void candidate_write(const struct candidate *candidate, struct buf *out)
{
	AUTO(json) tree = json_new_object();

	put(candidate, tree);
	json_write(tree, JSON_PRETTY, out);
}

void candidate_write_list(const struct candidate *candidates, size_t n, struct buf *out)
{
	AUTO(json) tree = json_new_object();
	struct json_object *kernels = json_put_array(tree, "kernels");

	for (size_t i = 0; i < n; i++)
		put(&candidates[i], json_put_object(kernels, NULL));
	json_write(tree, JSON_PRETTY, out);
}

void candidate_git_release(struct candidate_git *git)
{
	free(git->commit);
	free(git->tree);
	free(git->config);
	free(git->toolchain);
	memset(git, 0, sizeof(*git));
}

void candidate_release(struct candidate *candidate)
{
	free(candidate->id);
	free(candidate->arch);
	free(candidate->release);
	free(candidate->origin);
	strv_release(&candidate->sources);
	free(candidate->image);
	free(candidate->image_hash);
	free(candidate->content_hash);
	candidate_git_release(&candidate->git);
	*candidate = (struct candidate)CANDIDATE_INIT;
}
