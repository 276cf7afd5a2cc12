/*
 * The small files of a home, each read as any of them: slurm.json, a build's record, a rate that was measured. Refused with
 * an error that names line and column, or within the ranges that the headers state; a build's record is written and read
 * again as the same.
 */
#include <assert.h>
#include <math.h>

#include "campaign/measure.h"
#include "config/build_record.h"
#include "config/slurm.h"
#include "valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refused(const struct err *err, enum err_kind kind)
{
	unsigned line = 0, column = 0;

	assert(err->kind == kind);
	assert(sscanf(err->text, "fuzz:%u:%u: ", &line, &column) == 2 && line && column);
}

static bool read_slurm(const struct buf *text)
{
	AUTO(slurm_file) file = SLURM_FILE_INIT;
	AUTO(err) err = ERR_INIT;

	if (slurm_file_parse("fuzz", text->s, text->len, &file, &err) < 0) {
		check_refused(&err, ERR_USAGE);
		return false;
	}
	assert(file.slots >= 1 && file.slots <= SLURM_SLOTS_MAX && file.build_cpus && file.build_memory);
	assert(file.arches.n == file.constraints.n && (!file.build_constraint || *file.build_constraint));
	for (size_t i = 0; i < file.arches.n; i++)
		assert(*slurm_file_constraint(&file, file.arches.v[i]));
	for (size_t i = 0; i < file.options.n; i++)
		assert(*file.options.v[i] == '-' && !str_starts(file.options.v[i], "--array"));
	return true;
}

static bool read_build(const struct buf *text)
{
	AUTO(build_record) record = BUILD_RECORD_INIT, again = BUILD_RECORD_INIT;
	AUTO(buf) first = BUF_INIT, second = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (build_record_parse("fuzz", text->s, text->len, &record, &err) < 0) {
		check_refused(&err, ERR_HOST);
		assert(!record.candidate && !record.reason);
		return false;
	}
	assert(!record.candidate != !record.reason && record.seconds >= 0);
	assert(!record.candidate || candidate_id_valid(record.candidate));
	build_record_write(&record, &first);
	assert(build_record_parse("again", first.s, first.len, &again, &err) == 0);
	build_record_write(&again, &second);
	assert(str_eq(first.s, second.s));
	return true;
}

static bool read_rate(const struct buf *text)
{
	struct measure rate = { 0, 0 };
	AUTO(err) err = ERR_INIT;
	unsigned passes;

	if (measure_parse("fuzz", text->s, text->len, &rate, &err) < 0) {
		check_refused(&err, ERR_USAGE);
		return false;
	}
	assert(rate.failures >= 1 && rate.failures <= rate.trials);
	passes = measure_passes(rate.failures, rate.trials, 0.95);
	assert(passes >= 1 && passes <= MEASURE_MOST);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) text = BUF_INIT;
	unsigned read = 0;

	buf_add(&text, data, size);
	read += read_slurm(&text);
	read += read_build(&text);
	read += read_rate(&text);
	fuzz_must_read(read > 0);
	return 0;
}
