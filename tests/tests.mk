# SPDX-License-Identifier: MIT
#
# Tests. A test is a file, and adding the file is all it takes:
#   tests/board/pair/NAME.c   built twice; the run as an enclave must equal the native run
#   tests/board/prog/NAME.c   a native program in the guest, exit status 0 passed, 77 skipped, else failed
#   tests/board/sh/NAME.sh    the same as a shell script
#   tests/programs/NAME.sh    the same, for the programs of programs/; tests/programs/full/NAME.sh only for `make check-full`
#   tests/posix/AREA.c            the POSIX conformance suite, many cases in a file: see tests/posix/case.h
# Helpers of those: tests/board/enclave (built twice: bin/NAME and bin/NAME.native), tests/board/tool (native), tests/liar (a proxy that lies).
# Native tests come from fragments that add their programs to UNIT_TESTS and FUZZ_TARGETS.
#
#   make check-board TESTS='signals.* smc.fuzz'    only these          LIMIT=n  seconds that a test may take
#   make check-board FULL=1 TESTS='programs.*'     the long ones too
#   make check-board POLL=1 TESTS='posix.*'         with `ringmaster run --poll`
#   make check-board NATIVE=1                      without `ringmaster run`: proves what the tests expect on plain Linux

-include $(sort $(wildcard tests/unit/*.mk tests/unit/*/*.mk tests/fuzz/*.mk tests/model/*.mk))
include tests/coverage.mk

TESTS ?=
NATIVE ?=
POLL ?=
FULL ?=
FUZZ_SECONDS ?= 10

TESTS_GUEST := $(B)/tests/guest
TESTS_CC := $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror -MMD -MP -Itests/board/lib -Iabi
TESTS_NAMES = $(sort $(basename $(notdir $(wildcard tests/board/$(1)/*.c))))

TESTS_PROGRAMS := \
	$(foreach n,$(call TESTS_NAMES,pair),$(TESTS_GUEST)/pair/$(n).native $(TESTS_GUEST)/pair/$(n).enclave) \
	$(foreach n,$(call TESTS_NAMES,enclave),$(TESTS_GUEST)/bin/$(n) $(TESTS_GUEST)/bin/$(n).native) \
	$(foreach n,$(call TESTS_NAMES,tool),$(TESTS_GUEST)/bin/$(n)) \
	$(foreach n,$(call TESTS_NAMES,prog),$(TESTS_GUEST)/prog/$(n))
TESTS_COPIES := $(patsubst tests/board/%,$(TESTS_GUEST)/%,$(wildcard tests/board/sh/*.sh tests/board/lib/*.sh) \
	tests/board/lib/runner tests/board/lib/stdin) $(patsubst tests/board/enclave/%,$(TESTS_GUEST)/bin/%,$(wildcard tests/board/enclave/*.toml))
ATTACK_MODULE := $(TESTS_GUEST)/ringmaster_attack.ko

# tests_build FOLDER,SUFFIX,SOURCE,OPTIONS
define tests_build
$(TESTS_GUEST)/$(1)/%$(2): tests/board/$(3)/%.c $(SDK_STAMP) tests/tests.mk
	$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D) $(B)/tests/deps && $$(TESTS_CC) $(4) -MF $(B)/tests/deps/$(1).$$(*F)$(2).d -MT $$@ -o $$@ $$<
endef
$(eval $(call tests_build,pair,.native,pair,--native))
$(eval $(call tests_build,pair,.enclave,pair,))
$(eval $(call tests_build,prog,,prog,--native))

$(foreach n,$(call TESTS_NAMES,enclave),$(TESTS_GUEST)/bin/$(n)): $(TESTS_GUEST)/bin/%: tests/board/enclave/%.c $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(SDK_CC) -D_GNU_SOURCE $(if $(filter debugged,$*),-O1 -g,-O2 -g0) $(if $(filter lied paced,$*),-I. -Iruntime) \
		-Wall -Wextra -Wshadow -Werror -o $@ $<

$(foreach n,$(call TESTS_NAMES,enclave),$(TESTS_GUEST)/bin/$(n).native): $(TESTS_GUEST)/bin/%.native: tests/board/enclave/%.c $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(SDK_CC) --native -D_GNU_SOURCE -O2 -g0 $(if $(filter lied paced,$*),-I. -Iruntime) -Wall -Wextra -Wshadow -Werror -o $@ $<

$(foreach n,$(call TESTS_NAMES,tool),$(TESTS_GUEST)/bin/$(n)): $(TESTS_GUEST)/bin/%: tests/board/tool/%.c $(SDK_STAMP) $(wildcard abi/*.h)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(TESTS_CC) --native -MF $(B)/tests/deps/tool.$*.d -o $@ $<

# The launcher that lies: its own objects, and what stands between them.
LIAR := $(TESTS_GUEST)/bin/liar
LIAR_WRAPS := end kick_call call_serve call_serve_late region_make region_end region_grow boot_fill thread_start thread_kick kick_timer \
	window_serve
LIAR_OBJECTS := $(patsubst tests/liar/%.c,$(B)/tests/liar/%.o,$(wildcard tests/liar/*.c))
TESTS_PROGRAMS += $(LIAR)

$(LIAR_OBJECTS): $(B)/tests/liar/%.o: tests/liar/%.c tests/liar/liar.h $(LIBURING) | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CROSS)gcc $(RM_CFLAGS) -Ihost/proxy -MMD -MP -c -o $@ $<

$(LIAR): $(LIAR_OBJECTS) $(RM_OBJECTS) $(RM_TOML) $(LIBURING) tests/tests.mk
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CROSS)g++ -static -pthread -Wl,--gc-sections $(LIAR_WRAPS:%=-Wl,--wrap=%) -o $@ \
		$(LIAR_OBJECTS) $(RM_OBJECTS) $(LIBURING) -lc $(RM_TOML) && $(CROSS)strip --strip-debug $@

-include $(wildcard $(B)/tests/deps/*.d $(B)/tests/liar/*.d)

# Debian's gdb, for the guest.
TESTS_DEBUGGER := $(TESTS_GUEST)/debugger/.stamp

$(TESTS_DEBUGGER): tests/tests.mk tools/fetch | $(DEPS)
	$(call say,UNPACK,gdb-minimal)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)for deb in $$(tools/fetch closure gdb arm64 gdb-minimal); do \
		dpkg-deb --fsys-tarfile "$$deb" | tar -C $(@D) --wildcards --exclude './usr/share/*' --exclude './var/*' \
			--exclude './etc/*' -x || exit 1; done
	$(Q)find $(@D)/usr/lib/*/gconv -name '*.so' ! -name 'UTF-*' -delete
	$(Q)touch $@

# The POSIX suite: an area is a file or a folder. Its objects are compiled once and linked twice; numbers.inc has the calls' numbers.
POSIX_AREAS := $(sort $(basename $(notdir $(wildcard tests/posix/*.c))) \
	$(filter-out lib run,$(patsubst tests/posix/%/,%,$(wildcard tests/posix/*/))))
POSIX_OBJ := $(B)/tests/posix
POSIX_CC = $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror -MMD -MP -Itests/posix -I$(POSIX_OBJ)
POSIX_OBJECTS = $(patsubst tests/posix/%.c,$(POSIX_OBJ)/%.o,$(wildcard tests/posix/$(1).c tests/posix/$(1)/*.c))
POSIX_LIB := $(filter-out %/main.o,$(call POSIX_OBJECTS,lib))
TESTS_PROGRAMS += $(foreach a,$(POSIX_AREAS),$(TESTS_GUEST)/posix/$(a).native $(TESTS_GUEST)/posix/$(a).enclave) \
	$(TESTS_GUEST)/bin/posix-run
TESTS_COPIES += $(TESTS_GUEST)/posix/differences.md $(TESTS_GUEST)/posix/differences-poll.md

$(POSIX_OBJ)/numbers.inc: runtime/sys/numbers.h
	$(Q)mkdir -p $(@D) && sed -n 's/^#define LX_\([a-z0-9_]*\)[[:space:]]*\([0-9]*\)$$/LX(\1, \2)/p' $< >$@

$(POSIX_OBJ)/%.o: tests/posix/%.c $(SDK_STAMP) tests/tests.mk $(POSIX_OBJ)/numbers.inc
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(POSIX_CC) -c -o $@ $<

# main.c knows its area's name.
define posix_area
$(POSIX_OBJ)/lib/main.$(1).o: tests/posix/lib/main.c $(SDK_STAMP) tests/tests.mk
	$$(Q)mkdir -p $$(@D) && $$(POSIX_CC) -DCASE_AREA='"$(1)"' -c -o $$@ $$<
$(TESTS_GUEST)/posix/$(1).%: $(call POSIX_OBJECTS,$(1)) $(POSIX_LIB) $(POSIX_OBJ)/lib/main.$(1).o
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D) && $(SDK_CC) $$(if $$(filter native,$$*),--native) -g0 -o $$@ $$^ -lm
endef
$(foreach a,$(POSIX_AREAS),$(eval $(call posix_area,$(a))))

$(TESTS_GUEST)/bin/posix-run: $(wildcard tests/posix/run/*) tests/posix/lib/lib.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(SDK_CC) --native -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror -Itests/posix \
		-o $@ $(filter %.c,$^)

$(TESTS_GUEST)/posix/differences%md: docs/differences%md
	$(Q)mkdir -p $(@D) && cp $< $@

-include $(wildcard $(POSIX_OBJ)/*.d $(POSIX_OBJ)/*/*.d)

TESTS_BOARD_COPIES := $(filter-out $(TESTS_GUEST)/posix/% %.toml,$(TESTS_COPIES))
TESTS_PROGRAMS_COPIES := $(patsubst tests/%,$(TESTS_GUEST)/%,$(wildcard tests/programs/*.* tests/programs/full/*.*))
TESTS_COPIES += $(TESTS_PROGRAMS_COPIES)

$(TESTS_BOARD_COPIES): $(TESTS_GUEST)/%: tests/board/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(TESTS_GUEST)/bin/%.toml: tests/board/enclave/%.toml
	$(Q)mkdir -p $(@D) && cp $< $@

$(TESTS_PROGRAMS_COPIES): $(TESTS_GUEST)/%: tests/%
	$(Q)mkdir -p $(@D) && cp $< $@

# Kbuild puts its objects beside the sources, so it gets a copy of them.
$(ATTACK_MODULE): $(wildcard tests/attack/*) $(LINUX_STAMP) | $(DEPS)
	$(call say,MODULE,$@)
	$(Q)rm -rf $(B)/tests/attack && mkdir -p $(@D) $(B)/tests/attack && cp $(wildcard tests/attack/*) $(B)/tests/attack/
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS $(MAKE) -s -C $(LINUX_HEADERS) ARCH=arm64 CROSS_COMPILE=$(CROSS) \
		M=$(abspath $(B))/tests/attack CONFIG_DEBUG_INFO_BTF_MODULES= modules
	$(Q)$(CROSS)strip --strip-debug -o $@ $(B)/tests/attack/ringmaster_attack.ko

.PHONY: tests
tests: $(DEPS) $(SDK_STAMP) $(TESTS_DEBUGGER) $(TESTS_PROGRAMS) $(TESTS_COPIES) $(ATTACK_MODULE)

check-native: $(UNIT_TESTS) $(FUZZ_TARGETS)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run native $(UNIT_TESTS) -- $(FUZZ_TARGETS)

# The same for longer: each lie at each answer of each program of the suites, and FUZZ_SECONDS (here 300) for each fuzz target.
fuzz: $(UNIT_TESTS) $(FUZZ_TARGETS)
	@LONG=1 FUZZ_SECONDS=$(if $(filter command environment,$(origin FUZZ_SECONDS)),$(FUZZ_SECONDS),300) tests/run native $(UNIT_TESTS) -- $(FUZZ_TARGETS)
	@$(MAKE) --no-print-directory check-board FULL=1 TESTS='hostile.* smc.live.*'

# The large programs are built when their tests are asked for: by no TESTS at all, or by a word of it.
TESTS_LARGE := $(if $(TESTS),$(filter programs% p* *%,$(TESTS)),all)

check-board: bootable tests $(RM_OFFLINE) $(if $(TESTS_LARGE),programs)
	@tests/run board $(if $(NATIVE),-n,$(if $(POLL),-p)) $(if $(FULL),-f) -b $(BOARD) -- $(value TESTS)

include tests/realtime/realtime.mk
include examples/examples.mk
