#include "store/schema.h"

/* What trials share is kept once: a night of a thousand trials has some kernels, environments and machines. A list is a
 * text of lines (store/db.h). Hashes are SHA-256 in hex, times of files nanoseconds. */
static const char tables[] =
    "CREATE TABLE campaigns ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE," /* the folder's */
    " kind TEXT NOT NULL, scenario TEXT NOT NULL, matrix TEXT NOT NULL, previous TEXT NOT NULL,"
    " started TEXT NOT NULL, ended TEXT NOT NULL," /* UTC; '': it goes on */
    " answer TEXT NOT NULL, sentence TEXT NOT NULL,"
    " file TEXT NOT NULL," /* campaign.json as it is */
    " sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, changed INTEGER NOT NULL,"
    " log_sha256 TEXT NOT NULL DEFAULT '', log_bytes INTEGER NOT NULL DEFAULT 0," /* decisions.jsonl */
    " log_changed INTEGER NOT NULL DEFAULT 0);"

    "CREATE TABLE candidates ("
    " id INTEGER PRIMARY KEY,"
    " candidate TEXT NOT NULL, arch TEXT NOT NULL, release TEXT NOT NULL, \"commit\" TEXT NOT NULL,"
    " pagesize INTEGER NOT NULL,"
    " UNIQUE (candidate, arch, release, \"commit\", pagesize));"

    "CREATE TABLE environments ("
    " id INTEGER PRIMARY KEY,"
    " environment TEXT NOT NULL UNIQUE);" /* lines: smp=4 */

    "CREATE TABLE machines ("
    " id INTEGER PRIMARY KEY,"
    " accelerator TEXT NOT NULL, firmware TEXT NOT NULL, machine TEXT NOT NULL, disk_tool TEXT NOT NULL,"
    " UNIQUE (machine, disk_tool, accelerator, firmware));"

    "CREATE TABLE trials ("
    " id INTEGER PRIMARY KEY,"
    " campaign INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,"
    " number INTEGER NOT NULL,"
    " folder TEXT NOT NULL,"
    " candidate INTEGER NOT NULL REFERENCES candidates,"
    " environment INTEGER NOT NULL REFERENCES environments,"
    " machine INTEGER NOT NULL REFERENCES machines,"
    " verdict TEXT NOT NULL,"
    " started TEXT NOT NULL, scenario TEXT NOT NULL, candidate_name TEXT NOT NULL, environment_name TEXT NOT NULL,"
    " boot TEXT NOT NULL, class TEXT NOT NULL, title TEXT NOT NULL, agreement TEXT NOT NULL, evidence TEXT NOT NULL,"
    " build_ms INTEGER NOT NULL, evidence_line INTEGER NOT NULL, guest_pagesize INTEGER NOT NULL,"
    " passed INTEGER NOT NULL, failed INTEGER NOT NULL,"
    " reasons TEXT NOT NULL, failures TEXT NOT NULL, facts TEXT NOT NULL," /* lines */
    " prepare_ms INTEGER NOT NULL, start_ms INTEGER NOT NULL, firmware_ms INTEGER NOT NULL,"
    " kernel_ms INTEGER NOT NULL, init_ms INTEGER NOT NULL, test_ms INTEGER NOT NULL,"
    " power_off_ms INTEGER NOT NULL, judge_ms INTEGER NOT NULL,"
    " UNIQUE (campaign, number));"

    "CREATE TABLE evidence (" /* the files of a trial's folder */
    " trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,"
    " name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, changed INTEGER NOT NULL,"
    " PRIMARY KEY (trial, name)) WITHOUT ROWID;"

    "CREATE TABLE decisions ("
    " campaign INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,"
    " number INTEGER NOT NULL, trials INTEGER NOT NULL, failures INTEGER NOT NULL, passes INTEGER NOT NULL,"
    " phase TEXT NOT NULL, candidate TEXT NOT NULL, why TEXT NOT NULL, skip TEXT NOT NULL, likeliest TEXT NOT NULL,"
    " bits REAL NOT NULL, seconds REAL NOT NULL, told REAL NOT NULL, mass REAL NOT NULL,"
    " PRIMARY KEY (campaign, number)) WITHOUT ROWID;";

/* For questions by hand, and for removing what nobody refers to any more. */
static const char views[] = "CREATE VIEW audits AS SELECT * FROM decisions WHERE phase = 'audit';"
			    "CREATE INDEX trials_candidate ON trials (candidate);"
			    "CREATE INDEX trials_environment ON trials (environment);"
			    "CREATE INDEX trials_machine ON trials (machine);";

/* Which qbisect, and where it ran; '': a trial of before. */
static const char hosts[] = "ALTER TABLE trials ADD COLUMN host TEXT NOT NULL DEFAULT '';";

const char *const schema_steps[SCHEMA_VERSION] = { tables, views, hosts };
