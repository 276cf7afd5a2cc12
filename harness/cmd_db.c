/* qbisect db check, gc, rebuild: the database of the results. */
#include "base/home.h"
#include "base/progress.h"
#include "cmd.h"
#include "config/json.h"
#include "store/check.h"
#include "store/gc.h"
#include "store/rebuild.h"

static bool json, dry;
static unsigned keep, days;

static void print(const struct json_object *object)
{
	AUTO(buf) text = BUF_INIT;

	json_write(object, JSON_PRETTY, &text);
	fputs(text.s, stdout);
}

static char *results_of(int argc, int most, char **argv, const char *verb, struct err *err)
{
	if (argc <= most)
		return home_results_dir(cmd_common.home, err);
	err_set(err, ERR_USAGE, "%s takes %s, found '%s'", verb, most ? "one campaign" : "no word",
		argv[most]);
	return NULL;
}

/* --- check --------------------------------------------------------------------------------------------- */

static void print_check_json(const struct check *check)
{
	AUTO(json) root = json_new_object();
	struct json_object *faults;

	json_put_int(root, "campaigns", check->campaigns);
	json_put_int(root, "trials", check->trials);
	json_put_int(root, "files", check->files);
	json_put_int(root, "bytes", check->bytes);
	json_put_int(root, "taken_in", check->taken);
	faults = json_put_array(root, "faults");
	for (size_t i = 0; i < check->n; i++) {
		struct json_object *fault = json_put_object(faults, NULL);

		json_put_string(fault, "where", check->v[i].where);
		json_put_string(fault, "what", check->v[i].what);
	}
	print(root);
}

static void print_check(const struct check *check)
{
	for (size_t i = 0; i < check->n; i++)
		printf("%s: %s\n", check->v[i].where, check->v[i].what);
	printf("%u campaigns, %u trials, %u files of %.1f MB in all", check->campaigns, check->trials,
	       check->files, (double)check->bytes / 1e6);
	if (check->taken)
		printf("; %u trials were new", check->taken);
	if (check->n)
		printf(
		    "; %zu faults: put the files back as they were, or 'qbisect db rebuild' takes the folders as they "
		    "are\n",
		    check->n);
	else
		printf(": as they were recorded\n");
}

static int run_check(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = results_of(argc, 1, argv, "db check", err);
	AUTO(check) check = CHECK_INIT;

	(void)dashes;
	if (!results || check_store(results, argc ? argv[0] : NULL, &check, err) < 0)
		return -1;
	progress_clear();
	(json ? print_check_json : print_check)(&check);
	return check.n ? 1 : 0;
}

/* --- gc ------------------------------------------------------------------------------------------------ */

static void print_gc_json(const struct gc *gc)
{
	AUTO(json) root = json_new_object();

	json_put_int(root, "kept", gc->kept);
	json_put_strv(root, "removed", &gc->removed);
	json_put_strv(root, "protected", &gc->protected);
	print(root);
}

static void print_gc(const struct gc *gc)
{
	for (size_t i = 0; i < gc->removed.n; i++)
		printf("%s: %s\n", gc->removed.v[i], dry ? "would be removed" : "removed");
	for (size_t i = 0; i < gc->protected.n; i++)
		printf("kept: %s\n", gc->protected.v[i]);
	printf("%zu campaigns %sremoved, %u kept\n", gc->removed.n, dry ? "would be " : "", gc->kept);
}

static int run_gc(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = results_of(argc, 0, argv, "db gc", err);
	struct gc_options options = { .keep = keep, .days = days, .dry = dry };
	AUTO(gc) gc = GC_INIT;

	(void)dashes;
	if (!results)
		return -1;
	if (!keep && !days)
		return err_set(err, ERR_USAGE,
			       "db gc removes campaigns: add --keep N (the newest stay), --days M, or both");
	if (gc_store(results, &options, &gc, err) < 0)
		return -1;
	progress_clear();
	(json ? print_gc_json : print_gc)(&gc);
	return 0;
}

/* --- rebuild ------------------------------------------------------------------------------------------- */

static void print_rebuild_json(const struct rebuild *rebuild)
{
	AUTO(json) root = json_new_object();

	json_put_int(root, "campaigns", rebuild->campaigns);
	json_put_int(root, "trials", rebuild->trials);
	json_put_string(root, "old", rebuild->had ? REBUILD_OLD : "");
	json_put_string(root, "unreadable", rebuild->unreadable ? rebuild->unreadable : "");
	json_put_strv(root, "lost", &rebuild->lost);
	print(root);
}

static void print_rebuild(const struct rebuild *rebuild)
{
	for (size_t i = 0; i < rebuild->lost.n; i++)
		printf("lost: %s\n", rebuild->lost.v[i]);
	if (rebuild->unreadable)
		printf(
		    "the old database could not be read: %s\nwhether it had trials whose folders are gone cannot be told\n",
		    rebuild->unreadable);
	printf("%u trials of %u campaigns were taken from their folders", rebuild->trials,
	       rebuild->campaigns);
	if (rebuild->had)
		printf("; the old database is %s now", REBUILD_OLD);
	printf("\n");
}

static int run_rebuild(int argc, char **argv, int dashes, struct err *err)
{
	AUTO_FREE char *results = results_of(argc, 0, argv, "db rebuild", err);
	AUTO(rebuild) rebuild = REBUILD_INIT;

	(void)dashes;
	if (!results || rebuild_store(results, &rebuild, err) < 0)
		return -1;
	progress_clear();
	(json ? print_rebuild_json : print_rebuild)(&rebuild);
	return 0;
}

static const struct opt check_options[] = {
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

const struct verb cmd_db_check = {
	"db check",
	"[--json] [CAMPAIGN]",
	"Verifies all evidence against what was recorded",
	"Checks the database, takes in trials that it does not know yet, reads each file of each trial's folder, and\n"
	"compares its SHA-256 with that of when the trial ended, and the rows with the record. Exit 0: all is as it\n"
	"was; 1: a file was changed or is gone, each with its name.\n",
	check_options,
	NULL,
	run_check,
};

static const struct opt gc_table[] = {
	OPT_UINT("keep", "N", &keep, 1, 1000000, "the newest N campaigns stay"),
	OPT_UINT("days", "M", &days, 1, 36500, "campaigns that started within M days stay"),
	OPT_FLAG("dry-run", &dry, "only tell what would be removed"),
	OPT_FLAG("json", &json, "print one JSON object"),
	OPT_END,
};

const struct verb cmd_db_gc = {
	"db gc",
	"[--keep N] [--days M] [--dry-run] [--json]",
	"Removes old campaigns, folders and rows",
	"With both options what either keeps stays. Never removed are a campaign that has not ended, the run that such a\n"
	"one is compared with, and one that another process works on.\n",
	gc_table,
	NULL,
	run_gc,
};

const struct verb cmd_db_rebuild = {
	"db rebuild",
	"[--json]",
	"Makes the database anew from the trials' folders",
	"For a database that is damaged or of a later qbisect, and to take changed folders as they are. Says what is lost.\n"
	"The old one stays as qbisect.db.old. Other qbisect processes must have ended.\n",
	check_options,
	NULL,
	run_rebuild,
};
