# SPDX-License-Identifier: MIT
#
# Measurements: make bench. A case is a line in a table of bench/cases/*.c, or in bench/guest/programs for whole programs.
#
#   make bench CASES='read.* call.*'    only these               PAIRS=n         pairs of samples (15)
#   make bench OPTIONS=--poll           options for `ringmaster run`, instead of those of bench/guest/variants
#   make bench CORES=4                  emulated cores (2)       INSTRUCTIONS=   wall clock only
#
# The table and what bench/targets wants go to standard output; all figures to build/bench/results.json, a picture to results.svg beside it, the
# targets to targets.md. A case that fails fails the bench.

CASES ?= *
PAIRS ?= 15
CORES ?= 2
OPTIONS ?=
INSTRUCTIONS ?= 1

BENCH := $(B)/bench/guest
BENCH_CC = $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Wno-missing-field-initializers -Werror \
	-Ibench/lib -Ibench/guest -Iabi
BENCH_CASES := $(basename $(notdir $(wildcard bench/cases/*.c)))
BENCH_PROGRAMS := busybox speedtest1 pigz lighttpd redis-server redis-benchmark
BENCH_DRIVERS := duel idle crowd resident
BENCH_SCRIPTS := run devices many serve programs variants
BENCH_FILES := $(foreach n,$(addprefix cases/,$(BENCH_CASES)) empty subject $(BENCH_PROGRAMS),$(BENCH)/$(n).enclave $(BENCH)/$(n).native) \
	$(addprefix $(BENCH)/,$(BENCH_DRIVERS) $(BENCH_SCRIPTS) peer clients) $(B)/bench/peer.host

$(BENCH)/cases/%.native: bench/cases/%.c bench/lib/bench.c bench/lib/bench.h bench/guest/peer.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) --native -o $@ $(filter %.c,$^)

$(BENCH)/cases/%.enclave: bench/cases/%.c bench/lib/bench.c bench/lib/bench.h bench/guest/peer.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) -o $@ $(filter %.c,$^)

BENCH_BOTH := $(foreach n,empty subject,$(BENCH)/$(n).native $(BENCH)/$(n).enclave)
$(BENCH_BOTH): $(BENCH)/%: $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) $(if $(filter %.native,$@),--native) -o $@ bench/guest/$(basename $*).c
$(foreach n,empty subject,$(eval $(filter $(BENCH)/$(n).%,$(BENCH_BOTH)): bench/guest/$(n).c))

$(addprefix $(BENCH)/,$(BENCH_DRIVERS)): $(BENCH)/%: bench/guest/%.c bench/guest/side.c bench/guest/side.h $(wildcard abi/*.h) $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) --native -o $@ $(filter %.c,$^)

$(BENCH)/peer: bench/guest/peer.c bench/guest/peer.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) --native -o $@ $<

# The one that is on this machine.
$(B)/bench/peer.host: bench/guest/peer.c bench/guest/peer.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o $@ $<

$(addprefix $(BENCH)/,$(BENCH_SCRIPTS)): $(BENCH)/%: bench/guest/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(foreach n,$(BENCH_PROGRAMS),$(BENCH)/$(n).enclave $(BENCH)/$(n).native): programs
	$(Q)mkdir -p $(@D) && cp $(PROGRAMS_GUEST)/bin/$(basename $(@F))$(if $(filter %.native,$@),.native) $@

$(BENCH)/clients: programs
	$(Q)mkdir -p $(@D) && rm -rf $@ && cp -r $(PROGRAMS_GUEST)/clients $@

.PHONY: bench
bench: bootable $(BENCH_FILES)
	$(Q)bench/bench -b $(BOARD) -c $(CORES) -p $(PAIRS) -o='$(OPTIONS)' $(if $(INSTRUCTIONS),-i) $(BENCH) $(B)/bench $(foreach c,$(CASES),'$(c)')
