# SPDX-License-Identifier: MIT
#
# The runtime's logic on the build machine, with sanitizers: unit tests (cmocka), the model of Linux, fuzz targets.

RUNTIME_TEST_UNDER := ring/access.c ring/arena.c ring/attach.c ring/direct.c ring/host.c ring/hostcall.c ring/late.c ring/report.c ring/ring.c ring/switchless.c ring/trace.c \
	lib/lock.c lib/text.c load/elf.c load/stack.c load/manifest.c load/paths.c load/policy.c load/strings.c load/hash.c \
	$(patsubst runtime/%,%,$(wildcard runtime/posix/*.c runtime/debug/*.c runtime/promise/*.c))
RUNTIME_TEST_SOURCES := $(RUNTIME_TEST_UNDER:%=runtime/%) $(wildcard tests/model/*.c)
RUNTIME_TEST_FLAGS := -std=gnu11 -g -O1 -DRM_HOSTED_TEST -Wall -Wextra -Wshadow -Wno-unused-parameter -Werror \
	-fno-omit-frame-pointer -I. -Iruntime -Itests -I$(B)/host $(RUNTIME_FOREIGN_INCLUDES)

RUNTIME_UNIT := $(patsubst tests/unit/runtime/%.c,$(B)/unit/runtime_%,$(wildcard tests/unit/runtime/*.c))
RUNTIME_FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/runtime_*.c))
RUNTIME_TEST_OBJECTS := $(RUNTIME_TEST_SOURCES:%=$(B)/test-objects/unit/%.o)
RUNTIME_FUZZ_OBJECTS := $(RUNTIME_TEST_SOURCES:%=$(B)/test-objects/fuzz/%.o)

$(RUNTIME_UNIT) $(RUNTIME_FUZZ): | $(B)/unit/mbedtls/sha256.o $(B)/unit/mbedtls/p256-m.o $(B)/host/development_key.inc
$(RUNTIME_TEST_OBJECTS) $(RUNTIME_FUZZ_OBJECTS): | $(B)/runtime/keys.inc

UNIT_TESTS += $(RUNTIME_UNIT)
FUZZ_TARGETS += $(RUNTIME_FUZZ)

$(B)/test-objects/unit/%.c.o: %.c $(DEPS)
	$(call say,CC,$< (test))
	$(Q)mkdir -p $(@D)
	$(Q)gcc $(RUNTIME_TEST_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all -MMD -MP -c -o $@ $<

$(B)/test-objects/fuzz/%.c.o: %.c $(DEPS)
	$(call say,CC,$< (fuzz))
	$(Q)mkdir -p $(@D)
	$(Q)clang $(RUNTIME_TEST_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
		-Wno-gnu-case-range -MMD -MP -c -o $@ $<

$(RUNTIME_UNIT): $(B)/unit/runtime_%: $(B)/test-objects/unit/tests/unit/runtime/%.c.o $(RUNTIME_TEST_OBJECTS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)gcc -fsanitize=address,undefined -o $@ $^ $(MBEDTLS_NATIVE) -lcmocka

$(RUNTIME_FUZZ): $(B)/fuzz/%: $(B)/test-objects/fuzz/tests/fuzz/%.c.o $(RUNTIME_FUZZ_OBJECTS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(MBEDTLS_NATIVE)

-include $(RUNTIME_TEST_OBJECTS:.o=.d) $(RUNTIME_FUZZ_OBJECTS:.o=.d) \
	$(RUNTIME_UNIT:$(B)/unit/runtime_%=$(B)/test-objects/unit/tests/unit/runtime/%.c.d) \
	$(RUNTIME_FUZZ:$(B)/fuzz/%=$(B)/test-objects/fuzz/tests/fuzz/%.c.d)
