# SPDX-License-Identifier: MIT
#
# The Normal world's parts: the Linux module, the program `ringmaster`, its man pages. All of it is the same for every board.
#
#   $(RM_MODULE)   build/module/ringmaster.ko       $(RM_PROGRAM)   build/host/ringmaster, static arm64

RM_MODULE := $(B)/module/ringmaster.ko
RM_PROGRAM := $(B)/host/ringmaster

GUEST_FILES += $(RM_MODULE):/lib/ringmaster/ringmaster.ko:644 $(RM_PROGRAM):/usr/bin/ringmaster:755

.PHONY: host lint-host
host: $(RM_MODULE) $(RM_PROGRAM)

# Kbuild puts its objects beside the sources, so it gets a copy of them.
RM_MODULE_SOURCES := $(wildcard host/module/*)

# rm_kbuild FOLDER,EXTRA: builds the module in FOLDER, with EXTRA words for Linux's make
rm_kbuild = rm -rf $(1) && mkdir -p $(1) && cp $(RM_MODULE_SOURCES) $(1)/ && \
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS $(MAKE) -s -C $(LINUX_HEADERS) ARCH=arm64 CROSS_COMPILE=$(CROSS) \
		M=$(abspath $(1)) RM_ABI=$(abspath abi) CONFIG_DEBUG_INFO_BTF_MODULES= $(2) modules

$(RM_MODULE): $(RM_MODULE_SOURCES) $(wildcard abi/*.h) $(LINUX_STAMP) | $(DEPS)
	$(call say,MODULE,$@)
	$(Q)$(call rm_kbuild,$(@D),)
	$(Q)$(CROSS)strip --strip-debug $@

# The program: glibc and liburing linked in, so that it runs on any arm64 Linux.
RM_MBEDTLS := -isystem $(MBEDTLS_SRC)/include -isystem $(MBEDTLS_SRC)/3rdparty/p256-m/p256-m \
	-DMBEDTLS_CONFIG_FILE='"runtime/lib/mbedtls_config.h"' -I.
RM_CFLAGS := -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Wconversion -Werror -fno-strict-aliasing -Iabi -Ihost \
	-isystem $(B)/liburing/src/include -I$(B)/host $(RM_MBEDTLS) -pthread
RM_CXXFLAGS := -std=c++17 -O2 -Wall -Wextra -Wshadow -Werror -isystem $(TOML11_SRC)/include
RM_SOURCES := $(wildcard host/cli/*.c host/proxy/*.c host/trace/*.c host/manifest/*.c host/report/*.c)
RM_TOML := $(B)/host/manifest/toml.o
RM_OBJECTS := $(RM_SOURCES:host/%.c=$(B)/host/%.o) $(B)/host/shared/manifest.o \
	$(B)/host/mbedtls/sha256.o $(B)/host/mbedtls/p256-m.o
LIBURING := $(B)/liburing/src/liburing.a

$(LIBURING): $(LIBURING_STAMP) | $(DEPS)
	$(call say,LIB,$@)
	$(Q)rm -rf $(B)/liburing && cp -r $(LIBURING_SRC) $(B)/liburing
	$(Q)cd $(B)/liburing && ./configure --use-libc --cc=$(CROSS)gcc >configure.log 2>&1 || \
		{ cat $(B)/liburing/configure.log >&2; exit 1; }
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS $(MAKE) -s -C $(B)/liburing/src ENABLE_SHARED=0 AR=$(CROSS)ar \
		RANLIB=$(CROSS)ranlib CFLAGS='-O2 -g0 -w' liburing.a >$(B)/liburing/build.log 2>&1 || \
		{ tail -30 $(B)/liburing/build.log >&2; exit 1; }
	$(Q)touch $@

$(B)/host/%.o: host/%.c $(LIBURING) | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CROSS)gcc $(RM_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/host/manifest/toml.o: host/manifest/toml.cc host/manifest/toml.h $(TOML11_STAMP) | $(DEPS)
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CROSS)g++ $(RM_CXXFLAGS) -c -o $@ $<

# The check of manifests, as it is in the runtime.
$(B)/host/shared/manifest.o: runtime/load/manifest.c runtime/load/manifest.h abi/image.h abi/resident.h abi/admission.h | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CROSS)gcc $(RM_CFLAGS) -Iruntime -c -o $@ $<

$(B)/host/mbedtls/sha256.o: RM_FOREIGN := library/sha256.c
$(B)/host/mbedtls/p256-m.o: RM_FOREIGN := 3rdparty/p256-m/p256-m/p256-m.c
$(B)/host/mbedtls/%.o: $(MBEDTLS_STAMP) runtime/lib/mbedtls_config.h | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CROSS)gcc -O2 $(RM_MBEDTLS) -c -o $@ $(MBEDTLS_SRC)/$(RM_FOREIGN)

$(B)/host/development_key.inc: host/keys/development.key
	$(Q)mkdir -p $(@D) && sed 's/.*/"&"/' $< >$@

$(B)/host/manifest/key.o $(B)/host/manifest/image.o: $(B)/host/development_key.inc $(MBEDTLS_STAMP)

# C++ last, behind C's library, so that what each start needs stands close together.
$(RM_PROGRAM): $(RM_OBJECTS) $(RM_TOML) $(LIBURING)
	$(call say,LINK,$@)
	$(Q)$(CROSS)g++ -static -pthread -Wl,--gc-sections -o $@ $(RM_OBJECTS) $(LIBURING) -lc $(RM_TOML) && $(CROSS)strip --strip-debug $@

-include $(RM_OBJECTS:.o=.d)

# The same for the machine that programs are built on: pack, inspect, keygen.
RM_OFFLINE := $(B)/tools/ringmaster
RM_OFFLINE_SOURCES := $(addprefix host/cli/,main.c help.c pack.c inspect.c name.c message.c size.c) $(wildcard host/manifest/*.c) runtime/load/manifest.c
RM_OFFLINE_FOREIGN := $(MBEDTLS_SRC)/library/sha256.c $(MBEDTLS_SRC)/3rdparty/p256-m/p256-m/p256-m.c

$(RM_OFFLINE): $(RM_OFFLINE_SOURCES) $(wildcard host/*/*.h host/manifest/toml.cc abi/*.h runtime/load/*.h) $(MBEDTLS_STAMP) $(TOML11_STAMP) \
		$(LIBURING) $(B)/host/development_key.inc | $(DEPS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && g++ $(RM_CXXFLAGS) -c -o $@.toml.o host/manifest/toml.cc
	$(Q)gcc -O2 -w -c $(RM_MBEDTLS) -o $@.sha256.o $(word 1,$(RM_OFFLINE_FOREIGN)) && gcc -O2 -w -c $(RM_MBEDTLS) -o $@.p256.o $(word 2,$(RM_OFFLINE_FOREIGN))
	$(Q)gcc $(RM_CFLAGS) -Iruntime -DRINGMASTER_OFFLINE -o $@ $(RM_OFFLINE_SOURCES) $@.toml.o $@.sha256.o $@.p256.o -lstdc++ -lm

# Not part of the build: needs sparse, groff and man.
lint-host: $(LINUX_STAMP)
	$(Q)$(call rm_kbuild,$(B)/lint/module,W=1 C=2)
	$(Q)for page in host/man/*.[0-9]; do groff -mandoc -Tutf8 -ww -z $$page || exit 1; done
