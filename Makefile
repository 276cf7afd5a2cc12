# qbisect: `make help` lists the targets.
#
# All that is made goes to $(BUILD). SANITIZE=address,undefined builds into a folder of its own; V=1 shows commands.

SHELL	= /bin/bash
CC	= gcc
PREFIX	?= /usr/local
DESTDIR	?=
SANITIZE ?=
comma	:= ,
BUILD	?= build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))
Q	= $(if $(V),,@)
# A build on the way to something else takes all processors, unless its caller said how many.
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

WARN	= -Wall -Wextra -Werror -Wdeclaration-after-statement -Wstrict-prototypes -Wmissing-prototypes \
	  -Wwrite-strings -Wvla -Wpointer-arith -Wformat=2 -Wundef -fno-common
CFLAGS	?= -O2 -g
CSTD	= -std=c17 -D_GNU_SOURCE
SANFLAGS = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
COMPILE	= $(CC) $(CSTD) $(WARN) $(CFLAGS) $(SANFLAGS) $(DEFINES) -Iharness -Iguest -MMD -MP
LIBS	= -lvirt -ljson-c -larchive -lexpat -lnettle -lsqlite3 -lm -lpthread

SOURCES	= $(filter-out harness/tests/%,$(wildcard harness/*.c harness/*/*.c))
OBJECTS	= $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY	= $(BUILD)/libqbisect.a
UNITS	= $(patsubst harness/tests/unit/%.c,$(BUILD)/unit/%,$(wildcard harness/tests/unit/test_*.c))
FUZZERS	= $(patsubst harness/tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard harness/tests/fuzz/fuzz_*.c))

# A guest architecture: GNU triplet, Debian's name for it.
GUEST_ARCHES = ppc64le x86_64 aarch64
TRIPLET_ppc64le = powerpc64le-linux-gnu
TRIPLET_x86_64	= x86_64-linux-gnu
TRIPLET_aarch64	= aarch64-linux-gnu
DEBIAN_ppc64le	= ppc64el
DEBIAN_x86_64	= amd64
DEBIAN_aarch64	= arm64
GUEST_SOURCES	= $(wildcard guest/*.c)
GUEST_HEADERS	= $(wildcard guest/*.h)
GUESTS	= $(GUEST_ARCHES:%=$(BUILD)/guest/%/init)
STUBS	= $(foreach stub,ltp_stub rogue,$(GUEST_ARCHES:%=$(BUILD)/guest/%/$(stub)))

all: $(BUILD)/qbisect guest	## build the program and the guest binaries
guest: $(GUESTS)		## build the guest binaries alone

$(BUILD)/qbisect: $(BUILD)/harness/main.o $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(filter-out $(BUILD)/harness/main.o,$(OBJECTS))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# As git tells it; as it was when it was built where git does not tell. A file, so that a change of it builds anew what
# has it, and nothing else.
VERSION = $(shell git describe --always --dirty 2>/dev/null || cat $(BUILD)/version 2>/dev/null || echo of unknown version)
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = "$(VERSION)" ] || echo "$(VERSION)" >$@
$(BUILD)/harness/main.o: $(BUILD)/version
$(BUILD)/harness/main.o: DEFINES = -DQBISECT_VERSION='"$(VERSION)"'

$(BUILD)/harness/%.o: harness/%.c
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(COMPILE) -c -o $@ $<

$(BUILD)/unit/%: harness/tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(COMPILE) -Wno-write-strings -DTREE='"$(CURDIR)"' -DBUILD='"$(abspath $(BUILD))"' -o $@ $< $(LIBRARY) -lcmocka $(LIBS)

# Beside qbisect, because programs find their data and the guests' from where they are.
$(BUILD)/batch: harness/tests/e2e/batch.c $(LIBRARY)
	@echo "  CC     $<"
	$(Q)$(COMPILE) -o $@ $< $(LIBRARY) $(LIBS)

# Malformed input for every parser, see harness/tests/e2e/hostile.h.
$(BUILD)/hostile: $(wildcard harness/tests/e2e/hostile*.c) harness/tests/e2e/hostile.h harness/tests/unit/kernel_fixture.h $(LIBRARY)
	@echo "  CC     $@"
	$(Q)$(COMPILE) -Iharness/tests/e2e -o $@ $(filter %.c,$^) $(LIBRARY) -lcmocka $(LIBS)

BENCHES	= $(BUILD)/nights $(BUILD)/hosts
$(BENCHES): $(BUILD)/%: harness/tests/bench/%.c $(LIBRARY)
	@echo "  CC     $<"
	$(Q)$(COMPILE) -o $@ $< $(LIBRARY) $(LIBS)

# For LD_PRELOAD: never with sanitizers of its own.
$(BUILD)/tests/faultlib.so: harness/tests/faults/faultlib.c
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(CC) $(CSTD) $(WARN) -O2 -g -fPIC -shared -o $@ $< -ldl

# --- the guest: static, for each architecture, libaio from a private sysroot -------------------------------------------

$(BUILD)/sysroot/%/ready: .ci/sysroot
	$(Q).ci/sysroot $(DEBIAN_$*) $(BUILD)/sysroot/$*
	@touch $@

define GUEST_RULES
$(BUILD)/guest/$(1)/init: $(GUEST_SOURCES) $(GUEST_HEADERS) $(BUILD)/sysroot/$(1)/ready
	@mkdir -p $$(@D)
	@echo "  GUEST  $$@"
	$(Q)$(TRIPLET_$(1))-gcc $(CSTD) $(WARN) -O2 -static -Iharness -isystem $(BUILD)/sysroot/$(1)/usr/include -o $$@ \
		$(GUEST_SOURCES) $(BUILD)/sysroot/$(1)/usr/lib/$(TRIPLET_$(1))/libaio.a

$(BUILD)/guest/$(1)/ltp_stub $(BUILD)/guest/$(1)/rogue: $(BUILD)/guest/$(1)/%: harness/tests/e2e/%.c
	@mkdir -p $$(@D)
	$(Q)$(TRIPLET_$(1))-gcc $(CSTD) $(WARN) -O2 -static -o $$@ $$<
endef
$(foreach arch,$(GUEST_ARCHES),$(eval $(call GUEST_RULES,$(arch))))

# --- tests -------------------------------------------------------------------------------------------------------------

deps:				## install what is needed, with apt, saying so first
	@.ci/deps

units: $(UNITS)			## build and run the unit tests alone
	@for t in $(UNITS); do $$t || exit 1; done

# The tests' heights; `long`, a bisection of a history that it builds, guests that flood, and real boots through Slurm, takes
# half an hour more.
# `leaks` and `race` need builds of their own.
HEIGHTS	= units golden fake fuzz boot

check: deps			## install what is needed, build, and run all tests (boots real kernels)
	@$(MAKE) $(PARALLEL) --no-print-directory all stubs fuzzers $(BENCHES) $(patsubst %,%-build,$(filter leaks race,$(HEIGHTS))) lint
	@harness/tests/run --build $(BUILD) $(HEIGHTS)

leaks: leaks-build		## the unit tests with clang's AddressSanitizer, LeakSanitizer and UBSan
	@harness/tests/run --build $(BUILD) leaks

race: all race-build		## the parallel matrix on the fake back end with ThreadSanitizer
	@harness/tests/run --build $(BUILD) race

long: all			## a planted regression, built and booted; Slurm; floods: half an hour
	@harness/tests/run --build $(BUILD) long

soak: all stubs			## faults at a sample of all writes, or at every STEP-th; KILLS (200) processes killed: half an hour and more
	@harness/tests/run --build $(BUILD) soak

stubs: $(STUBS) $(UNITS) $(BUILD)/batch $(BUILD)/hostile $(BUILD)/tests/faultlib.so

lint:				## formatting, layers, clang-tidy, cppcheck, a clang build
	@.ci/lint

fuzzers: $(FUZZERS) $(BUILD)/hostile	## build the fuzz targets (clang's libFuzzer)

fuzz: fuzzers			## fuzz each parser for SECONDS (60), with new inputs each time; or RUNS times, always the same
	@FUZZ_RUNS=$(RUNS) FUZZ_SECONDS=$(if $(RUNS),,$(or $(SECONDS),60)) harness/tests/run --build $(BUILD) fuzz

# Without a call for each comparison, which would take most of the time: words come from strcmp() and memcmp(), and from seeds.
FUZZ_CC	= clang $(CSTD) -g -O2 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-sanitize-coverage=trace-cmp -Iharness -Iguest \
	  -Wno-write-strings
FUZZ_OBJECTS = $(patsubst %.c,$(BUILD)/fuzz/%.o,$(filter-out harness/main.c harness/cmd%.c,$(SOURCES)))

$(BUILD)/fuzz/harness/%.o: harness/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

FUZZ_LIBRARY = $(BUILD)/fuzz/libqbisect.a
$(FUZZ_LIBRARY): $(FUZZ_OBJECTS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

FUZZ_STEADY = harness/tests/fuzz/steady.c
$(BUILD)/fuzz/fuzz_%: harness/tests/fuzz/fuzz_%.c $(FUZZ_STEADY) $(FUZZ_LIBRARY)
	@echo "  FUZZ   $@"
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer -DTREE='"$(CURDIR)"' -o $@ $< $(FUZZ_STEADY) $(FUZZ_LIBRARY) $(LIBS)

$(BUILD)/fuzz/fuzz_plan $(BUILD)/fuzz/fuzz_result: $(GUEST_SOURCES) $(GUEST_HEADERS)

# The fuzzers' objects serve the unit tests too; but for those that take minutes so, with thousands of searches or gigabytes
# unpacked: fuzz_evidence, fuzz_factors and fuzz_package go the same ways.
LEAKS	= $(patsubst harness/tests/unit/%.c,$(BUILD)/leaks/unit/%,$(filter-out %/test_bisect_engine.c %/test_bisect_posterior.c \
	  %/test_bisect_simulate.c %/test_factors.c %/test_kernel_intake.c,$(wildcard harness/tests/unit/test_*.c)))
leaks-build: $(LEAKS) $(STUBS)

$(BUILD)/leaks/unit/%: harness/tests/unit/%.c $(FUZZ_LIBRARY)
	@mkdir -p $(@D)
	@echo "  LEAKS  $@"
	$(Q)$(FUZZ_CC) -MMD -MP -DTREE='"$(CURDIR)"' -DBUILD='"$(abspath $(BUILD))"' -o $@ $< $(FUZZ_LIBRARY) -lcmocka $(LIBS)

# The program alone; the guests are those of the usual build.
race-build:
	@$(MAKE) --no-print-directory SANITIZE=thread BUILD=$(BUILD)-thread $(BUILD)-thread/qbisect
	@ln -sfn $(abspath $(BUILD))/guest $(BUILD)-thread/guest

demo: deps			## install, build, fetch kernels, and find where bsc#1224434 went away
	@$(MAKE) $(PARALLEL) --no-print-directory all
	@harness/tests/e2e/demo

bench: all $(BENCHES)		## measure: a trial against QEMU by hand, the engine, nights, builds, the store, the dashboard, jobs
	@harness/tests/bench/run
	@harness/tests/bench/simulate
	@harness/tests/bench/matrix
	@harness/tests/bench/build
	@harness/tests/bench/store
	@harness/tests/bench/dashboard
	@harness/tests/bench/slurm

install: all			## install below PREFIX (DESTDIR is put before it)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/qbisect
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(BUILD)/qbisect $(DESTDIR)$(PREFIX)/bin/
	cp -r configs $(DESTDIR)$(PREFIX)/share/qbisect/
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/qbisect/kernels kernels/*.config
	install -m 755 kernels/cc $(DESTDIR)$(PREFIX)/share/qbisect/kernels/
	for a in $(GUEST_ARCHES); do install -D -m 755 $(BUILD)/guest/$$a/init \
		$(DESTDIR)$(PREFIX)/share/qbisect/guest/$$a/init; done
	$(BUILD)/qbisect help --man > $(DESTDIR)$(PREFIX)/share/man/man1/qbisect.1
	$(BUILD)/qbisect help --completion > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/qbisect

help:				## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1:/p' $(MAKEFILE_LIST) | awk -F: '{ printf "  %-10s %s\n", $$1, $$2 }'

clean:				## remove what was built; kernels and results stay
	rm -rf build build-*

-include $(OBJECTS:.o=.d) $(UNITS:=.d) $(FUZZ_OBJECTS:.o=.d) $(LEAKS:=.d)
.PHONY: FORCE all guest deps units check leaks race leaks-build race-build long soak stubs lint fuzzers fuzz demo bench install help clean
.SECONDARY:
.DELETE_ON_ERROR:
