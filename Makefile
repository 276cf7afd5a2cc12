# qbisect: `make help` lists the targets.
#
# All that is made goes to $(BUILD). SANITIZE=address,undefined builds into a folder of its own.

SHELL	= /bin/bash
CC	?= gcc
PREFIX	?= /usr/local
SANITIZE ?=
BUILD	?= build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))
comma	:= ,

WARN	= -Wall -Wextra -Werror -Wdeclaration-after-statement -Wstrict-prototypes -Wmissing-prototypes \
	  -Wwrite-strings -Wvla -Wpointer-arith -Wformat=2 -Wundef -fno-common
CFLAGS	?= -O2 -g
CSTD	= -std=c17 -D_GNU_SOURCE
SANFLAGS = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LIBS	= -lvirt -ljson-c -larchive -lnettle -lm -lpthread

SOURCES	= $(filter-out harness/tests/%,$(wildcard harness/*.c harness/*/*.c))
OBJECTS	= $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY	= $(BUILD)/libqbisect.a
UNITS	= $(patsubst harness/tests/unit/%.c,$(BUILD)/unit/%,$(wildcard harness/tests/unit/test_*.c))

GUEST_ARCHES = ppc64le x86_64
GUEST_CC_ppc64le = powerpc64le-linux-gnu-gcc
GUEST_CC_x86_64	 = gcc
GUEST_SOURCES	 = $(wildcard guest/*.c)
GUESTS	= $(GUEST_ARCHES:%=$(BUILD)/guest/%/init)

all: $(BUILD)/qbisect guest	## build the program and the guest binaries
guest: $(GUESTS)		## build the guest binaries alone

$(BUILD)/qbisect: $(BUILD)/harness/main.o $(LIBRARY)
	$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(filter-out $(BUILD)/harness/main.o,$(OBJECTS))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/harness/%.o: harness/%.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CFLAGS) $(SANFLAGS) -Iharness -Iguest -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: harness/tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CFLAGS) $(SANFLAGS) -Iharness -Iguest -MMD -MP -o $@ $< $(LIBRARY) -lcmocka $(LIBS)

help:				## show this list
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' $(MAKEFILE_LIST) | column -t -s:

units: $(UNITS)			## build and run the unit tests alone
	@for t in $(UNITS); do $$t || exit 1; done

clean:				## remove what was built
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(UNITS:=.d)
.PHONY: all guest help units clean
