# SPDX-License-Identifier: MIT
#
# The secure kernel: $(BB)/kernel/kernel.bin, what TF-A loads as BL32. Built for one board, with the runtime inside.

KERNEL_BIN := $(BB)/kernel/kernel.bin
KERNEL_ELF := $(BB)/kernel/kernel.elf
RUNTIME_BIN ?= $(B)/runtime/runtime.bin

# Images (`ringmaster pack`) that are started before Linux: make BOOT_ENCLAVES='a.image b.image'. Another choice is another build.
BOOT_ENCLAVES ?=
BOOT_IMAGES := $(BB)/kernel/boot.images

KERNEL_SOURCES := $(sort $(wildcard kernel/*.c kernel/*/*.c kernel/*/*.S))
KERNEL_FOREIGN := libfdt/fdt.c libfdt/fdt_ro.c libfdt/fdt_addresses.c mbedtls/chacha20.c mbedtls/sha256.c
KERNEL_OBJECTS := $(KERNEL_SOURCES:%=$(BB)/%.o) $(KERNEL_FOREIGN:%=$(BB)/kernel/foreign/%.o)

KERNEL_GCC_HEADERS = $(shell $(CROSS)gcc -print-file-name=include)
KERNEL_INCLUDES = -Iabi -Ikernel -Iboards/$(BOARD) -isystem kernel/lib/freestanding -isystem $(LIBFDT_SRC) \
	-isystem $(MBEDTLS_SRC)/include -isystem $(KERNEL_GCC_HEADERS)
KERNEL_BASE_FLAGS = -std=gnu11 -O2 -g -ffreestanding -nostdinc -nostdlib -fno-pic -fno-pie -mgeneral-regs-only -mcpu=cortex-a53 \
	-fno-common -ffunction-sections -fno-omit-frame-pointer -fno-stack-protector -mno-outline-atomics -fno-tree-loop-distribute-patterns \
	-DMBEDTLS_CONFIG_FILE='"lib/mbedtls_config.h"' $(KERNEL_INCLUDES)
KERNEL_CFLAGS = $(KERNEL_BASE_FLAGS) -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion \
	-Wframe-larger-than=2048 -Werror

$(BB)/kernel/%.c.o: kernel/%.c $(LIBFDT_STAMP) $(MBEDTLS_STAMP) | $(DEPS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

$(BB)/kernel/%.S.o: kernel/%.S | $(DEPS)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(KERNEL_BASE_FLAGS) -D__ASSEMBLER__ -DRUNTIME_BIN='"$(RUNTIME_BIN)"' -DBOOT_IMAGES='"$(BOOT_IMAGES)"' -MMD -MP -c -o $@ $<

$(BB)/kernel/sched/blobs.S.o: $(RUNTIME_BIN) $(BOOT_IMAGES)

# Each from a page on. Made anew each time, replaced only where it is another one.
.PHONY: boot-images
boot-images:
$(BOOT_IMAGES): boot-images
	$(Q)mkdir -p $(@D) && : >$@.new && for image in $(BOOT_ENCLAVES); do cat "$$image" >>$@.new && truncate -s %4096 $@.new || exit 1; done
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BB)/kernel/foreign/libfdt/%.o: $(LIBFDT_STAMP) kernel/kernel.mk
	$(call say,CC,libfdt/$*)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(KERNEL_BASE_FLAGS) -c -o $@ $(LIBFDT_SRC)/$*

$(BB)/kernel/foreign/mbedtls/%.o: $(MBEDTLS_STAMP) kernel/kernel.mk
	$(call say,CC,mbedtls/$*)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(KERNEL_BASE_FLAGS) -c -o $@ $(MBEDTLS_SRC)/library/$*

$(BB)/kernel/kernel.lds: kernel/kernel.lds.S boards/$(BOARD)/board.h kernel/arch/layout.h
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc -E -P -x c -D__ASSEMBLER__ $(KERNEL_INCLUDES) -o $@ $<

$(KERNEL_ELF): $(KERNEL_OBJECTS) $(BB)/kernel/kernel.lds
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
		-Wl,--no-warn-rwx-segments -T $(BB)/kernel/kernel.lds -o $@ $(KERNEL_OBJECTS) -lgcc

$(KERNEL_BIN): $(KERNEL_ELF)
	$(Q)$(CROSS)objcopy -O binary $< $@

-include $(KERNEL_OBJECTS:.o=.d)
