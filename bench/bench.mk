# SPDX-License-Identifier: MIT
#
# Measurements: make bench. A case is a line in a table of bench/cases/*.c, or in bench/guest/programs for whole programs.
#
#   make bench CASES='read.* call.*'    only these               PAIRS=n         pairs of samples (15)
#   make bench OPTIONS=--poll           options for `ringmaster run`
#   make bench INSTRUCTIONS=            wall clock only
#
# The table goes to standard output, all figures to build/bench/results.json, a picture to build/bench/results.svg.

CASES ?= *
PAIRS ?= 15
OPTIONS ?=
INSTRUCTIONS ?= 1

BENCH := $(B)/bench/guest
BENCH_CC = $(SDK_CC) -std=c11 -D_GNU_SOURCE -O2 -g0 -Wall -Wextra -Wshadow -Werror -Ibench/lib -Ibench/guest -Iabi
BENCH_CASES := $(basename $(notdir $(wildcard bench/cases/*.c)))
BENCH_PROGRAMS := busybox speedtest1 pigz lighttpd redis-server redis-benchmark
BENCH_FILES := $(foreach n,$(addprefix cases/,$(BENCH_CASES)) empty $(BENCH_PROGRAMS),$(BENCH)/$(n).enclave $(BENCH)/$(n).native) \
	$(addprefix $(BENCH)/,duel peer run many serve programs clients)

$(BENCH)/cases/%.native: bench/cases/%.c bench/lib/bench.c bench/lib/bench.h bench/guest/peer.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) --native -o $@ $(filter %.c,$^)

$(BENCH)/cases/%.enclave: bench/cases/%.c bench/lib/bench.c bench/lib/bench.h bench/guest/peer.h $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) -o $@ $(filter %.c,$^)

$(BENCH)/empty.native $(BENCH)/empty.enclave: $(BENCH)/empty.%: bench/guest/empty.c $(SDK_STAMP)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) $(if $(filter native,$*),--native) -o $@ $<

$(BENCH)/duel $(BENCH)/peer: $(BENCH)/%: bench/guest/%.c bench/guest/peer.h $(wildcard abi/*.h) $(SDK_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(BENCH_CC) --native -o $@ $<

$(addprefix $(BENCH)/,run many serve programs): $(BENCH)/%: bench/guest/%
	$(Q)mkdir -p $(@D) && cp $< $@

$(foreach n,$(BENCH_PROGRAMS),$(BENCH)/$(n).enclave $(BENCH)/$(n).native): programs
	$(Q)mkdir -p $(@D) && cp $(PROGRAMS_GUEST)/bin/$(basename $(@F))$(if $(filter %.native,$@),.native) $@

$(BENCH)/clients: programs
	$(Q)mkdir -p $(@D) && rm -rf $@ && cp -r $(PROGRAMS_GUEST)/clients $@

.PHONY: bench
bench: bootable $(BENCH_FILES)
	$(Q)bench/bench -b $(BOARD) -p $(PAIRS) -o='$(OPTIONS)' $(if $(INSTRUCTIONS),-i) $(BENCH) $(B)/bench $(CASES)
