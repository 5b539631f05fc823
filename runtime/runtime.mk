# SPDX-License-Identifier: MIT
#
# The runtime: $(B)/runtime/runtime.bin, the flat image that the secure kernel contains and maps into every enclave. The
# same for all boards.

RUNTIME_BIN := $(B)/runtime/runtime.bin
RUNTIME_SOURCES := $(sort $(wildcard runtime/*/*.c runtime/*/*.S))
RUNTIME_OBJECTS := $(RUNTIME_SOURCES:%=$(B)/%.o)

# No floating-point registers: a direct call leaves the program's alone. No outlined atomics: there is no libgcc.
RUNTIME_FLAGS := -std=gnu11 -O2 -g -ffreestanding -nostdlib -fno-pic -fno-pie -mgeneral-regs-only -mno-outline-atomics \
	-fno-stack-protector -fno-common -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-ffunction-sections -fdata-sections -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wframe-larger-than=65536 -Werror -I. -Iruntime

$(B)/runtime/%.c.o: runtime/%.c $(DEPS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(RUNTIME_FLAGS) -MMD -MP -c -o $@ $<

$(B)/runtime/%.S.o: runtime/%.S $(DEPS)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(RUNTIME_FLAGS) -MMD -MP -c -o $@ $<

$(B)/runtime/runtime.elf: $(RUNTIME_OBJECTS) runtime/runtime.lds abi/svc.h
	$(call say,LD,$@)
	$(Q)base=$$(printf '#include "abi/svc.h"\nBASE=RM_RUNTIME_BASE\n' | $(CROSS)gcc -E -P -I. - | sed -n 's/^BASE=\(.*\)ul$$/\1/p') && \
	$(CROSS)gcc $(RUNTIME_FLAGS) -static -Wl,--gc-sections,--build-id=none,--no-warn-rwx-segments,-z,noexecstack -Wl,--defsym=rm_base=$$base \
		-T runtime/runtime.lds -o $@ $(RUNTIME_OBJECTS)

$(RUNTIME_BIN): $(B)/runtime/runtime.elf
	$(call say,IMAGE,$@)
	$(Q)$(CROSS)objcopy -O binary -R .bss $< $@

-include $(RUNTIME_OBJECTS:.o=.d)
