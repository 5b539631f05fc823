# SPDX-License-Identifier: MIT
#
# make coverage: which lines of the files that check outside input (tests/coverage.files) the native suites never reach. It fails if there is one that
# tests/coverage.unreached does not name with a reason, or if that names one that is reached.

COVER := $(B)/coverage
COVER_CC := clang -fprofile-instr-generate -fcoverage-mapping -w
COVER_FLAGS = $(filter-out -fsanitize=% -fno-sanitize-recover=% -W% -fno-omit-frame-pointer,$(1)) -w
COVER_MBEDTLS := $(COVER)/mbedtls/sha256.o $(COVER)/mbedtls/p256-m.o

COVER_RUNTIME := $(RUNTIME_TEST_SOURCES:%=$(COVER)/objects/%.o)
COVER_UNITS := $(RUNTIME_UNIT:$(B)/unit/%=$(COVER)/unit/%) $(KERNEL_UNIT_NAMES:%=$(COVER)/unit/kernel_%) $(COVER)/unit/host_manifest
COVER_FUZZ := $(RUNTIME_FUZZ:$(B)/fuzz/%=$(COVER)/fuzz/%) $(COVER)/fuzz/kernel_calls $(COVER)/fuzz/host_manifest

$(COVER)/objects/%.c.o: %.c $(DEPS) | $(B)/runtime/keys.inc
	$(call say,CC,$< (coverage))
	$(Q)mkdir -p $(@D) && $(COVER_CC) -fsanitize=fuzzer-no-link $(call COVER_FLAGS,$(RUNTIME_TEST_FLAGS)) -MMD -MP -c -o $@ $<

$(COVER)/mbedtls/sha256.o: RM_FOREIGN := library/sha256.c
$(COVER)/mbedtls/p256-m.o: RM_FOREIGN := 3rdparty/p256-m/p256-m/p256-m.c
$(COVER_MBEDTLS): $(MBEDTLS_STAMP)
	$(Q)mkdir -p $(@D) && gcc -O1 -w $(RM_MBEDTLS) -c -o $@ $(MBEDTLS_SRC)/$(RM_FOREIGN)

$(COVER)/toml.o: host/manifest/toml.cc host/manifest/toml.h $(TOML11_STAMP)
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && g++ $(filter-out -O2,$(RM_CXXFLAGS)) -O1 -w -fPIE -c -o $@ $<

$(COVER)/unit/runtime_%: $(COVER)/objects/tests/unit/runtime/%.c.o $(COVER_RUNTIME) $(COVER_MBEDTLS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(COVER_CC) -fsanitize=undefined -o $@ $^ -lcmocka	# has what the objects want for fuzz targets

$(COVER)/fuzz/runtime_%: $(COVER)/objects/tests/fuzz/runtime_%.c.o $(COVER_RUNTIME) $(COVER_MBEDTLS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(COVER_CC) -fsanitize=fuzzer -o $@ $^

$(COVER)/unit/kernel_%: tests/unit/kernel/%.c $(wildcard kernel/*/*.[ch] tests/unit/kernel/*.h abi/*.h) tests/unit/kernel/machine.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(COVER_CC) $(call COVER_FLAGS,$(KERNEL_UNIT_CFLAGS)) -o $@ $< $(KERNEL_UNIT_SOURCES) $(KERNEL_UNIT_$*) -lcmocka

$(COVER)/fuzz/kernel_calls: $(B)/fuzz/kernel_calls
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(COVER_CC) $(call COVER_FLAGS,$(KERNEL_FUZZ_FLAGS)) -fsanitize=fuzzer -o $@ tests/fuzz/kernel_calls.c \
		$(KERNEL_FUZZ_SOURCES) $(KERNEL_FUZZ_LIBFDT) -lcmocka

COVER_HOST = $(filter-out %.o,$(HOST_UNIT_manifest)) $(COVER_MBEDTLS) $(COVER)/toml.o

$(COVER)/unit/host_manifest: tests/unit/host/manifest.c $(COVER_HOST) $(B)/host/development_key.inc
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(COVER_CC) $(call COVER_FLAGS,$(HOST_UNIT_CFLAGS)) -o $@ $< $(COVER_HOST) -lcmocka -lstdc++

$(COVER)/fuzz/host_manifest: tests/fuzz/host_manifest.c $(COVER_HOST) $(B)/host/development_key.inc
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(COVER_CC) $(call COVER_FLAGS,$(HOST_UNIT_CFLAGS)) -fsanitize=fuzzer -o $@ $< $(COVER_HOST) -lstdc++

.PRECIOUS: $(COVER)/objects/%.c.o
.PHONY: coverage
coverage: $(DEPS) $(COVER_UNITS) $(COVER_FUZZ)
	@tests/coverage $(COVER) $(COVER_UNITS) -- $(COVER_FUZZ)

-include $(COVER_RUNTIME:.o=.d)
