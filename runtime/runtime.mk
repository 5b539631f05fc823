# SPDX-License-Identifier: MIT
#
# The runtime: $(B)/runtime/runtime.bin, the flat image that the secure kernel contains and maps into every enclave. The
# same for all boards.

RUNTIME_BIN := $(B)/runtime/runtime.bin
RUNTIME_SOURCES := $(sort $(wildcard runtime/*/*.c runtime/*/*.S))
RUNTIME_FOREIGN := library/sha256.c 3rdparty/p256-m/p256-m/p256-m.c
RUNTIME_OBJECTS := $(RUNTIME_SOURCES:%=$(B)/%.o) $(RUNTIME_FOREIGN:%=$(B)/runtime/foreign/%.o)

# Public keys (x and y in hexadecimal, a file each) whose images this firmware runs. Without the development key its images are refused.
IMAGE_KEYS ?= runtime/keys/development.pub

$(B)/runtime/keys.inc: $(IMAGE_KEYS) FORCE
	$(Q)mkdir -p $(@D) && for k in $(IMAGE_KEYS); do tr -d ' \n' <$$k | sed 's/../0x&,/g; s/^/{/; s/$$/},\n/'; done >$@.new && \
		{ cmp -s $@.new $@ || cp $@.new $@; }

# No floating-point registers: a direct call leaves the program's alone. No outlined atomics: there is no libgcc.
RUNTIME_FOREIGN_INCLUDES := -I$(B)/runtime -isystem $(MBEDTLS_SRC)/include \
	-isystem $(MBEDTLS_SRC)/3rdparty/p256-m/p256-m -DMBEDTLS_CONFIG_FILE='"runtime/lib/mbedtls_config.h"'
RUNTIME_FLAGS := -std=gnu11 -O2 -g -ffreestanding -nostdlib -fno-pic -fno-pie -mgeneral-regs-only -mno-outline-atomics \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-ffunction-sections -fdata-sections -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wframe-larger-than=65536 -Werror -I. -Iruntime $(RUNTIME_FOREIGN_INCLUDES)

$(B)/runtime/foreign/%.o: $(MBEDTLS_STAMP) runtime/lib/mbedtls_config.h
	$(call say,CC,mbedtls/$*)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(filter-out -W%,$(RUNTIME_FLAGS)) -DNDEBUG -c -o $@ $(MBEDTLS_SRC)/$*

$(B)/runtime/load/hash.c.o: $(B)/runtime/keys.inc $(MBEDTLS_STAMP)

$(B)/runtime/%.c.o: runtime/%.c $(DEPS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(RUNTIME_FLAGS) -MMD -MP -c -o $@ $<

$(B)/runtime/%.S.o: runtime/%.S $(DEPS)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(RUNTIME_FLAGS) -MMD -MP -c -o $@ $<

# The vDSO, a shared object of its own that the runtime carries.
VDSO_IMAGE := $(B)/runtime/vdso/vdso.so
VDSO_SOURCES := runtime/vdso/image/clock.c runtime/vdso/image/sigreturn.S

$(VDSO_IMAGE): $(VDSO_SOURCES) runtime/vdso/image/vdso.lds runtime/vdso/data.h abi/svc.h runtime/runtime.mk | $(DEPS)
	$(call say,VDSO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc -std=gnu11 -O2 -ffreestanding -nostdlib -shared -fpic -fvisibility=hidden -mgeneral-regs-only -mno-outline-atomics \
		-fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -fno-jump-tables \
		-Wall -Wextra -Wshadow -Werror -I. -Iruntime \
		-Wl,-T,runtime/vdso/image/vdso.lds,--hash-style=both,--build-id=none,-soname=linux-vdso.so.1,-z,max-page-size=4096 \
		-Wl,-z,noexecstack,--no-undefined -s -o $@ $(VDSO_SOURCES)
	$(Q)test "$$(stat -c %s $@)" -le 8192 || { echo "the vDSO is larger than its place (abi/svc.h)" >&2; rm $@; exit 1; }

$(B)/runtime/vdso/blob.S.o: $(VDSO_IMAGE)
$(B)/runtime/vdso/blob.S.o: RUNTIME_FLAGS += -DVDSO_IMAGE='"$(VDSO_IMAGE)"'

$(B)/runtime/runtime.elf: $(RUNTIME_OBJECTS) runtime/runtime.lds abi/svc.h
	$(call say,LD,$@)
	$(Q)base=$$(printf '#include "abi/svc.h"\nBASE=RM_RUNTIME_BASE\n' | $(CROSS)gcc -E -P -I. - | sed -n 's/^BASE=\(.*\)ul$$/\1/p') && \
	$(CROSS)gcc $(RUNTIME_FLAGS) -static -Wl,--gc-sections,--build-id=none,--no-warn-rwx-segments,-z,noexecstack -Wl,--defsym=rm_base=$$base \
		-T runtime/runtime.lds -o $@ $(RUNTIME_OBJECTS)

$(RUNTIME_BIN): $(B)/runtime/runtime.elf
	$(call say,IMAGE,$@)
	$(Q)$(CROSS)objcopy -O binary -R .bss $< $@

-include $(RUNTIME_OBJECTS:.o=.d)
