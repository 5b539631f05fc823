# SPDX-License-Identifier: MIT
#
# Native unit tests of host/: NAME.c here tests the files that HOST_UNIT_NAME lists.

MBEDTLS_NATIVE := $(B)/unit/mbedtls/sha256.o $(B)/unit/mbedtls/p256-m.o

HOST_UNIT_size := host/cli/size.c
HOST_UNIT_options := host/cli/options.c host/cli/size.c
HOST_UNIT_message := host/cli/message.c host/cli/size.c
HOST_UNIT_signals := host/cli/signals.c
HOST_UNIT_lookup := host/cli/lookup.c
HOST_UNIT_cpus := host/cli/cpus.c
HOST_UNIT_calltable := host/proxy/calltable.c
HOST_UNIT_descriptors := host/proxy/descriptors.c
HOST_UNIT_note := host/proxy/note.c
HOST_UNIT_trace := host/trace/read.c host/trace/calls.c host/trace/filter.c host/trace/flags.c host/trace/print.c \
	host/trace/structures.c
HOST_UNIT_manifest := host/manifest/manifest.c host/manifest/paths.c host/manifest/resident.c host/manifest/admission.c host/manifest/describe.c host/manifest/key.c host/manifest/image.c host/cli/size.c \
	runtime/load/manifest.c $(MBEDTLS_NATIVE) $(B)/unit/toml.o
HOST_UNIT_symbols := host/report/symbols.c
HOST_UNIT_region := host/proxy/tracing.c host/proxy/region.c host/proxy/boot.c host/proxy/descriptors.c

HOST_UNIT_NAMES := $(patsubst HOST_UNIT_%,%,$(filter-out HOST_UNIT_NAMES HOST_UNIT_CFLAGS,$(filter HOST_UNIT_%,$(.VARIABLES))))
HOST_UNIT_CFLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wshadow -Wconversion -Werror -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all -Iabi -Ihost -Ihost/cli -Ihost/proxy \
	-isystem $(B)/liburing/src/include -Iruntime -I$(B)/host $(RM_MBEDTLS) -pthread

# liburing for the build machine.
LIBURING_NATIVE := $(B)/unit/liburing.a

$(LIBURING_NATIVE): $(LIBURING)
	$(call say,LIB,$@)
	$(Q)rm -rf $(@D)/liburing && mkdir -p $(@D)/liburing
	$(Q)cd $(@D)/liburing && for f in setup queue register syscall; do \
		gcc -D_GNU_SOURCE -DLIBURING_INTERNAL -O2 -w -I../../liburing/src/include -include ../../liburing/config-host.h \
			-c ../../liburing/src/$$f.c || exit 1; done
	$(Q)rm -f $@ && ar rc $@ $(@D)/liburing/*.o

# What others wrote is compiled for the build machine with fewer warnings.
$(B)/unit/toml.o: host/manifest/toml.cc host/manifest/toml.h $(TOML11_STAMP)
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && g++ $(filter-out -O2,$(RM_CXXFLAGS)) -O1 -g -fsanitize=address,undefined -fno-sanitize=vptr -fPIE -c -o $@ $<

$(B)/unit/mbedtls/sha256.o: RM_FOREIGN := library/sha256.c
$(B)/unit/mbedtls/p256-m.o: RM_FOREIGN := 3rdparty/p256-m/p256-m/p256-m.c
$(MBEDTLS_NATIVE): $(MBEDTLS_STAMP) runtime/lib/mbedtls_config.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && gcc -O1 -g -w -fsanitize=address,undefined $(RM_MBEDTLS) -c -o $@ $(MBEDTLS_SRC)/$(RM_FOREIGN)

$(B)/unit/host_manifest $(B)/fuzz/host_manifest: $(B)/host/development_key.inc

UNIT_TESTS += $(addprefix $(B)/unit/host_,$(HOST_UNIT_NAMES))

comma := ,

define host_unit_rule
$(B)/unit/host_$(1): tests/unit/host/$(1).c $(HOST_UNIT_$(1)) $(wildcard host/*/*.h abi/*.h abi/*.def) $(LIBURING_NATIVE) | $(DEPS)
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D) && gcc $$(HOST_UNIT_CFLAGS) -o $$@ tests/unit/host/$(1).c $(HOST_UNIT_$(1)) \
		$(LIBURING_NATIVE) -lcmocka $$(if $$(filter manifest,$(1)),-lstdc++) $$(if $$(filter region,$(1)),-Wl$$(comma)--wrap=ioctl)
endef
$(foreach n,$(HOST_UNIT_NAMES),$(eval $(call host_unit_rule,$(n))))

# Fuzz targets: tests/fuzz/host_NAME.c with the files that HOST_UNIT_NAME lists.
HOST_FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/host_*.c))
FUZZ_TARGETS += $(HOST_FUZZ)

define host_fuzz_rule
$(B)/fuzz/host_$(1): tests/fuzz/host_$(1).c $(HOST_UNIT_$(1)) $(wildcard host/*/*.h abi/*.h abi/*.def) | $(DEPS)
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D) && clang $$(filter-out -Wconversion -fsanitize=%,$$(HOST_UNIT_CFLAGS)) -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -o $$@ tests/fuzz/host_$(1).c $(HOST_UNIT_$(1)) $$(if $$(filter manifest,$(1)),-lstdc++)
endef
$(foreach n,$(patsubst $(B)/fuzz/host_%,%,$(HOST_FUZZ)),$(eval $(call host_fuzz_rule,$(n))))
